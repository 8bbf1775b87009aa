/** The database alone, with as many threads as it likes: reads and types the CSV, and writes all rows twice. `dataplaneDatabase.ts TABLE FOLDER` */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { literal, loadDuckdb } from '../storage/duckdb.js';

const [path = '', folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const startedMs = performance.now();
const { DuckDBInstance } = await loadDuckdb();
const connection = await (await DuckDBInstance.create(join(folder, 'rows.duckdb'))).connect();
const numbers = ['price', 'stars', 'clicks'].map((name) => `TRY_CAST(${name} AS DOUBLE) AS ${name}`);
await connection.run(
  `CREATE TABLE rows AS SELECT * REPLACE (${numbers.join(', ')}) FROM read_csv(${literal(path)}, all_varchar = true)`,
);
for (const name of ['ingested', 'cleaned']) {
  const file = literal(join(folder, `${name}.parquet`));
  await connection.run(`COPY rows TO ${file} (FORMAT parquet, COMPRESSION zstd)`);
}
const usage = process.resourceUsage();
console.log(
  JSON.stringify({
    seconds: (performance.now() - startedMs) / 1000,
    cpu: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMb: usage.maxRSS / 1024,
    ...{ kept: 0, aside: 0, ids: '' },
    version: `duckdb ${(await loadDuckdb()).version()}`,
  }),
);
