import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';
import { seeded } from '../core/random.js';
import { withConnection } from '../storage/duckdb.js';
import { copyRows, readParquet, writeParquet } from '../storage/tables.js';
import { machine, median, peerScript, python, runOurs } from './peer.js';

// Writing and reading Parquet (zstd) beside pyarrow, one thread each: `npm run bench -- parquet [ROWS] [ROUNDS]` with
// ASSAY_PYTHON set. MB are of the data as they lie in memory: UTF-8 of texts, 8 bytes a number.

const COLUMNS: readonly ColumnSpec[] = [
  ...['id', 'query', 'title', 'brand'].map((name): ColumnSpec => ({ name, type: 'utf8' })),
  ...['price', 'clicks'].map((name): ColumnSpec => ({ name, type: 'float64' })),
  ...['stars', 'row'].map((name): ColumnSpec => ({ name, type: 'int64' })),
];
const BATCH_ROWS = 65_536;
const WORDS = Array.from({ length: 5000 }, (_, i) => `word${i.toString(36)}`);

/** A table of eight columns, in batches; of a hundred cells two are missing. */
function tableOf(rows: number): ColumnBatch[] {
  const random = seeded(7, 'parquet');
  const isMissing = (): boolean => random.below(50) === 0;
  const words = (n: number): string =>
    Array.from({ length: n }, () => WORDS[random.below(WORDS.length)]!).join(' ');
  return Array.from({ length: Math.ceil(rows / BATCH_ROWS) }, (_, batch) => {
    const from = batch * BATCH_ROWS;
    const ids = Array.from({ length: Math.min(BATCH_ROWS, rows - from) }, (__, i) => from + i);
    const columns = {
      id: ids.map((row) => `k${String(row).padStart(8, '0')}`),
      query: ids.map(() => (isMissing() ? null : words(2))),
      title: ids.map(() => words(4)),
      brand: ids.map(() => `brand${random.below(500)}`),
      price: Float64Array.from(ids, () => (isMissing() ? NaN : random.below(20_000) / 100)),
      clicks: Float64Array.from(ids, () => random.below(10_000)),
      stars: BigInt64Array.from(ids, () => BigInt(random.below(6))),
      row: BigInt64Array.from(ids, BigInt),
    };
    return { rows: ids.length, columns };
  });
}

function megabytes(batches: readonly ColumnBatch[]): number {
  let bytes = 0;
  for (const { rows, columns } of batches) {
    for (const column of Object.values(columns)) {
      if (!Array.isArray(column)) bytes += 8 * rows;
      else for (const text of column as readonly (string | null)[]) bytes += Buffer.byteLength(text ?? '');
    }
  }
  return bytes / 1e6;
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Writes the table to FOLDER/ours, and reads FOLDER/read, in a process of its own. */
async function measure(folder: string, rows: number): Promise<void> {
  const batches = tableOf(rows);
  const written = join(folder, 'ours');
  const paths: string[] = [];
  const write = await cpuOf(async () => {
    for await (const { path } of writeParquet(written, COLUMNS, batches)) paths.push(path);
  });
  paths.forEach((path, part) => renameSync(path, join(written, `${String(part).padStart(3, '0')}.parquet`)));
  const files = paths.map((_, part) => join(written, `${String(part).padStart(3, '0')}.parquet`));
  const copy = await cpuOfCopy(files, join(folder, 'copied'));
  let count = 0;
  const read = await cpuOf(async () => {
    for (const path of files)
      for await (const batch of readParquet(path, COLUMNS))
        count += Number(batch.columns['row'] !== undefined) * batch.rows;
  });
  const sizeMb = files.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  console.log(JSON.stringify({ write, copy, read, count, sizeMb, mb: megabytes(batches) }));
}

/** As tables larger than memory are written: the database copies rows that it holds. */
function cpuOfCopy(files: readonly string[], folder: string): Promise<number> {
  return withConnection(async (connection) => {
    const list = files.map((path) => `'${path}'`).join(', ');
    await connection.run(`CREATE TABLE held AS SELECT * FROM read_parquet([${list}])`);
    const values = COLUMNS.map(({ name }) => `"${name}"`);
    return cpuOf(async () => {
      for await (const part of copyRows(connection, folder, COLUMNS, {
        table: 'held',
        values,
        where: 'true',
      }))
        rmSync(part.path);
    });
  });
}

interface Peer {
  readonly write: number;
  readonly read: number;
  readonly count: number;
  readonly sizeMb: number;
  readonly version: string;
}

function compare(rows: number, rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const runs = Array.from({ length: rounds }, () => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const ours = runOurs(fileURLToPath(import.meta.url), [folder, String(rows)]);
    const told = execFileSync(python, [peerScript('parquet.py'), folder], { encoding: 'utf8' });
    return { ours, peer: JSON.parse(told) as Peer };
  });
  rmSync(folder, { recursive: true });
  const mb = runs[0]!.ours['mb']!;
  const rate = (pick: (run: (typeof runs)[number]) => number): string =>
    (mb / median(runs.map(pick))).toFixed(0);
  const size = (value: number): string => value.toFixed(1);
  const { ours, peer } = runs[0]!;
  console.log(
    [
      `${machine(peer.version)}\n`,
      `${rows} rows, ${mb.toFixed(0)} MB in memory, ${rounds} rounds; rows read ${ours['count'] === peer.count ? 'equal' : 'DIFFER'}\n`,
      '| MB for each CPU second | write | read | file, MB |\n|---|---|---|---|',
      `| Assay, JavaScript's columns | ${rate((run) => run.ours['write']!)} | ${rate((run) => run.ours['read']!)} | ${size(ours['sizeMb']!)} |`,
      `| Assay, rows of the database | ${rate((run) => run.ours['copy']!)} | | ${size(ours['sizeMb']!)} |`,
      `| pyarrow | ${rate((run) => run.peer.write)} | ${rate((run) => run.peer.read)} | ${size(peer.sizeMb)} |`,
    ].join('\n'),
  );
}

const [first, second] = process.argv.slice(2);
if (first !== undefined && !/^\d+$/.test(first)) await measure(first, Number(second));
else compare(Number(first ?? 1_000_000), Number(second ?? 3));
