import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DataError } from '../../contracts/errors.js';
import { withConnection } from '../../storage/duckdb.js';
import { nearlyTable } from '../fakes/nearlyTable.js';
import { assertTiles } from '../fakes/tiles.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';
import { ingest } from '../../activities/ingest.js';
import { DatasetConfig } from '../../contracts/settings.js';
import { plain, runIngest } from './tableStages.js';

const CELL_BYTES = 10 << 20;
/** Some tables get a cell of 10 MB, in quotes or not, whole or cut off. */
const withHugeCell = fc
  .tuple(nearlyTable, fc.constantFrom('', '"'), fc.constantFrom('', '"', '",a\n', ',a\n'), fc.nat())
  .map(([table, open, close, at]) => {
    const huge = Buffer.from(`${open}${'x'.repeat(CELL_BYTES)}${close}`);
    const ends = [...table.entries()].flatMap(([i, byte]) => (byte === 10 ? [i + 1] : []));
    const cut = ends[at % Math.max(1, ends.length)] ?? table.length;
    return Buffer.concat([table.subarray(0, cut), huge, table.subarray(cut)]);
  });
/** Ingests a file, or says why it was refused as a whole. */
async function read(name: string, bytes: Uint8Array) {
  try {
    return await runIngest({ [name]: bytes }, { ...plain, source: name });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    assert.ok(error.message.includes(name), error.message);
    return error.message;
  }
}

describe('rows kept and records put aside tile the bytes of a file', () => {
  it('in 1,520 files that nearly are tables, some with cells of 10 MB, or say why the whole file is refused', async () => {
    const refusals = new Map<string, number>();
    const rules = new Map<string, number>();
    const count = (counts: Map<string, number>, what: string): unknown =>
      counts.set(what, (counts.get(what) ?? 0) + 1);
    const holds = async (bytes: Uint8Array): Promise<void> => {
      const found = await read('t.csv', bytes);
      if (typeof found === 'string') count(refusals, found.replace(/^[^:]*: |".*?"|\d+/g, ''));
      else {
        for (const { rule } of found.quarantine) count(rules, String(rule));
        assertTiles(bytes, found.rows, found.quarantine);
        count(rules, 'kept');
      }
    };
    await fc.assert(fc.asyncProperty(nearlyTable, holds), { numRuns: 1500 });
    await fc.assert(fc.asyncProperty(withHugeCell, holds), { numRuns: 20 });
    for (const rule of ['kept', 'encoding', 'nul', 'quote', 'ragged', 'too_long', 'missing_target'])
      assert.ok(rules.get(rule)! > 0, `no file had ${rule}`);
    assert.ok(rules.get('kept')! > 700, `${rules.get('kept')} files had rows`);
    assert.ok([...refusals.keys()].some((told) => told.includes('no rows below the header')));
    assert.ok(
      [...refusals.keys()].some((told) => told.includes('are called')),
      'duplicate headers',
    );
  });

  it('in 300 packed files; cut-off ones are refused, damaged ones are refused or read as they were', async () => {
    const damage = fc.record({
      kind: fc.constantFrom('none', 'cut', 'flip', 'more'),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(nearlyTable, damage, async (bytes, { kind, at }) => {
        const packed = gzipSync(bytes);
        const position = Math.floor(at * packed.length);
        if (kind === 'flip') packed[position]! ^= 0x55;
        const wrong = kind === 'cut' ? packed.subarray(0, position) : packed;
        const found = await read('t.csv.gz', kind === 'more' ? Buffer.concat([packed, bytes]) : wrong);
        if (typeof found !== 'string') assertTiles(bytes, found.rows, found.quarantine);
        if (kind === 'cut') assert.equal(typeof found, 'string', 'a file that is cut off is refused');
      }),
      { numRuns: 300 },
    );
  });
});

describe('and so they do where the database works', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  it('in 25 files', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyTable, async (bytes) => {
        const { large } = workplace.contexts({ 't.csv': bytes });
        try {
          const { rows, quarantine } = await runIngest({}, plain, large);
          assertTiles(bytes, rows, quarantine);
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('refuses Parquet that is cut off, wherever', async () => {
    const path = join(workplace.folder, 'cut.parquet');
    await withConnection(async (connection) => {
      await connection.run(
        `COPY (SELECT 'thing ' || i AS name, i % 2 AS label FROM range(3000) t(i)) TO '${path}' (FORMAT parquet)`,
      );
    });
    const whole = await readFile(path);
    const { small } = workplace.contexts({});
    const dataset = DatasetConfig.parse({ ...plain, source: path });
    const job = { path: 'ingest', seed: 42, params: { dataset }, inputs: {} };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        await writeFile(path, whole.subarray(0, length));
        const told = await outcome(() => ingest.run(job, small));
        assert.match(
          String(told),
          /^DataError: .*cut\.parquet: (can't be read as Parquet|the file is empty)/,
        );
      }),
      { numRuns: 200 },
    );
  });
});
