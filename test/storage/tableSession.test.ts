import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { ColumnSpec } from '../../contracts/artifact.js';
import type { SessionOptions, TableSession } from '../../contracts/store.js';
import { hash32 } from '../../core/random.js';
import { sqlFunctions } from '../../core/sql/functions.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openStore } from '../../storage/open.js';
import { withTableSession } from '../../storage/tableSession.js';
import { temporaryFolder } from './workspace.js';

const columns: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'price', type: 'float64' },
];
const rows = (count: number): string =>
  `SELECT 'k' || lpad(CAST(i * 7919 % 1000003 AS VARCHAR), 7, '0') AS id, CASE WHEN i % 9 > 0 THEN i * 0.5 END AS price FROM range(${count}) t(i) ORDER BY 1`;

async function place(t: TestContext) {
  const folder = await temporaryFolder(t);
  const scratchDirectory = join(folder, 'scratch');
  await mkdir(scratchDirectory);
  const artifacts = openArtifacts(await openStore(join(folder, 'store')), { scratchDirectory });
  const signal = new AbortController().signal;
  const use = <T>(
    work: (session: TableSession) => Promise<T>,
    more: SessionOptions & { memory?: string; threads?: number; signal?: AbortSignal } = {},
  ) => {
    const { memory, threads, ...asked } = more;
    const options = { scratchDirectory, ...(memory ? { memory } : {}), ...(threads ? { threads } : {}) };
    return withTableSession(artifacts, options, { signal, ...asked }, work);
  };
  return { folder, scratchDirectory, artifacts, use };
}

describe('a session on tables', () => {
  it('writes the bytes that the same rows give when they come in batches, whatever the threads', async (t) => {
    const { artifacts, use } = await place(t);
    const select = rows(300_000);
    const one = await use((session) => session.write('dataset', columns, select), { threads: 1 });
    const two = await use((session) => session.write('dataset', columns, select), { threads: 2 });
    const batches = await artifacts.writeTable('dataset', columns, artifacts.readTable(one));
    assert.deepEqual([two, batches], [one, one]);
    assert.equal((await artifacts.manifest(one)).parts.length, 2);
  });

  it('writes some rows of a table in their order, to the bytes that the same rows give otherwise', async (t) => {
    const { use } = await place(t);
    const prices = `CREATE TABLE prices AS ${rows(700_000)}`;
    const written = await use(
      async (session) => {
        await session.run(prices);
        await session.run("UPDATE prices SET price = -1 WHERE id LIKE '%7'");
        return session.writeRows('dataset', columns, {
          table: 'prices',
          values: ['id', 'CAST(price * 2 AS DOUBLE)'],
          where: 'price IS NULL OR price < 300000',
        });
      },
      { threads: 2 },
    );
    const select = `SELECT id, CASE WHEN id LIKE '%7' THEN -1 ELSE price END AS price FROM (${rows(700_000)})`;
    const wanted = `SELECT id, price * 2 FROM (${select}) WHERE price IS NULL OR price < 300000 ORDER BY id`;
    assert.deepEqual(written, await use((session) => session.write('dataset', columns, wanted)));
    assert.ok(written.rows > 600_000, `${written.rows} rows`);
  });

  it('writes row groups of one size, however the rows that stay are spread', async (t) => {
    const { artifacts, use } = await place(t);
    const isKept = 'price IS NULL OR price % 20 > 0';
    const [some, filtered] = await use(
      async (session) => {
        await session.run(`CREATE TABLE prices AS ${rows(500_000)}`);
        const values = ['id', 'CAST(price AS DOUBLE)'];
        return [
          await session.writeRows('dataset', columns, { table: 'prices', values, where: isKept }),
          await session.write('dataset', columns, `SELECT id, price FROM prices WHERE ${isKept}`),
        ] as const;
      },
      { threads: 2 },
    );
    const batches = await artifacts.writeTable('dataset', columns, artifacts.readTable(some));
    assert.deepEqual([some, filtered], [batches, batches]);
  });

  it('writes no file of no row', async (t) => {
    const { artifacts, use } = await place(t);
    const ref = await use(async (session) => {
      await session.run(`CREATE TABLE prices AS ${rows(10)}`);
      return session.writeRows('dataset', columns, {
        table: 'prices',
        values: ['id', 'price'],
        where: 'false',
      });
    });
    assert.deepEqual((await artifacts.manifest(ref)).parts, []);
  });

  it('gives each text to a function as it is, be it short, long, missing or not in ASCII', async (t) => {
    const { use } = await place(t);
    const text = fc.oneof(
      fc.string({
        unit: fc.integer({ min: 1, max: 0x7e }).map((code) => String.fromCharCode(code)),
        maxLength: 14,
      }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('twelve bytes', 'thirteen byte', 'caf\u00e9', '\u007f\u0080', ''),
    );
    const cells = fc.array(fc.option(text, { freq: 20 }), { minLength: 1, maxLength: 3000 });
    const written = (cell: string | null): string =>
      cell === null ? '(NULL)' : `('${cell.replaceAll("'", "''")}')`;
    await use(
      (session) =>
        fc.assert(
          fc.asyncProperty(cells, async (texts) => {
            const values = texts.map((cell) => written(cell?.replaceAll('\0', '') ?? null)).join(', ');
            const found = await session.query(
              `SELECT text, split_hash(text) FROM (VALUES ${values}) t(text)`,
            );
            assert.equal(found.length, texts.length);
            for (const [key, hash] of found)
              assert.equal(hash, key === null ? null : hash32(`split:${String(key)}`, 42));
          }),
          { numRuns: 30 },
        ),
      { functions: sqlFunctions(42) },
    );
  });

  it('reads artifacts, and calls our functions', async (t) => {
    const { use } = await place(t);
    const ref = await use((session) => session.write('dataset', columns, rows(10)));
    const double = {
      name: 'doubled',
      takes: 'number',
      gives: 'number',
      call: (value: number) => 2 * value,
    } as const;
    const found = await use((session) => session.query('SELECT count(*), sum(doubled(price)) FROM work'), {
      inputs: { work: [ref] },
      functions: [double],
    });
    assert.deepEqual(found, [[10n, 36]]); // (1 + 2 + … + 8) × 0.5 × 2: 0 and 9 are missing
  });

  it('reads a table without rows', async (t) => {
    const { use } = await place(t);
    const ref = await use((session) => session.write('dataset', columns, rows(0)));
    const inputs = { work: [ref] };
    assert.deepEqual(await use((session) => session.query('SELECT id, price FROM work'), { inputs }), []);
  });

  it('sorts what does not fit in memory by spilling, and leaves nothing behind', async (t) => {
    const { scratchDirectory, use } = await place(t);
    const select = `SELECT md5(CAST(i AS VARCHAR)) AS id, i * 1.0 AS price FROM range(1500000) t(i) ORDER BY 1`;
    const ref = await use((session) => session.write('dataset', columns, select), {
      memory: '60MB',
      threads: 1,
    });
    assert.equal(ref.rows, 1_500_000);
    const left = (await readdir(scratchDirectory)).filter((name) => name.startsWith('tables-'));
    assert.deepEqual(left, []);
  });

  const forbidden = [
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_csv('OUTSIDE')",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO 'OUTSIDE'",
    "ATTACH 'OUTSIDE' AS other",
    'SET enable_external_access = true',
    "SET allowed_directories = ['/']",
    "SET memory_limit = '100GB'",
    'INSTALL httpfs',
    "SELECT * FROM read_parquet('https://example.org/t.parquet')",
  ];
  for (const statement of forbidden) {
    it(`refuses ${statement}`, async (t) => {
      const { folder, use } = await place(t);
      const outside = join(folder, 'outside.csv');
      await writeFile(outside, 'a\n1\n');
      await assert.rejects(
        use((session) => session.query(statement.replace('OUTSIDE', outside))),
        /Permission Error|locked|disabled by configuration|Cannot (change|access)/,
      );
    });
  }

  it('ends within moments when the stage is asked to stop', async (t) => {
    const { use } = await place(t);
    const control = new AbortController();
    const endless = 'SELECT count(*) FROM range(100000000000) t(i) WHERE hash(i) = 1';
    const asked = use(
      (session) => {
        setTimeout(() => control.abort(new Error('stop')), 200);
        return session.query(endless);
      },
      { signal: control.signal },
    );
    await assert.rejects(asked, /stop/);
  });
});
