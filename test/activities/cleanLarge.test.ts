import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { clean } from '../../activities/clean.js';
import { ingest } from '../../activities/ingest.js';
import { CleanConfig, DatasetConfig } from '../../contracts/settings.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';
import { csv, type CleanInput, type DatasetInput } from './tableStages.js';

const dataset: DatasetInput = {
  source: 't.csv',
  columns: {
    ...{ id: 'key', target: 'label', split: 'side' },
    ...{ text: ['name'], numeric: ['price', 'stars'], categorical: ['shop'] },
  },
  split: { by: 'column' },
  maxUnreadable: 0.5,
};
const header = 'key,name,label,price,stars,shop,side';

const name = fc.constantFrom(
  'oak',
  'oak table',
  'rug',
  '',
  ' ',
  'SPAM now',
  '😀',
  'say "hi"',
  'a\\b',
  '5',
  ' oak ',
  '\u00a0rug',
  'rug\u3000',
);
const number = fc.constantFrom('1', '2', '3', '1', '2', '3.5', '1e21', '-7', '0.1', '');
const row = fc
  .tuple(name, fc.constantFrom('x', 'y', 'x', 'y', 'z'), number, number, fc.constantFrom('s', 't', ''))
  .chain((cells) =>
    fc.constantFrom('train', 'train', 'train', 'validation', 'test').map((side) => [...cells, side]),
  );
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const table = fc
  .array(row, { minLength: 12, maxLength: 40 })
  .map((rows) => csv(header, ...rows.map((cells, i) => `k${i},${cells.map(quoted).join(',')}`)));

const column = fc.constantFrom('price', 'stars');
const rules: fc.Arbitrary<CleanInput> = fc.record({
  missing: fc.dictionary(
    fc.constantFrom('price', 'shop', 'name'),
    fc.constantFrom('drop', 'impute', 'keep'),
    { maxKeys: 2 },
  ),
  outliers: fc.array(
    fc.oneof(
      fc.record({
        column,
        method: fc.constantFrom('iqr', 'mad'),
        factor: fc.constantFrom(1, 3),
        action: fc.constantFrom('drop', 'clip'),
      }),
      fc.record({
        column,
        method: fc.constant('quantile'),
        factor: fc.constantFrom(0.1, 0.25),
        action: fc.constantFrom('drop', 'clip'),
      }),
    ),
    { maxLength: 3 },
  ),
  irrelevant: fc.array(
    fc.constantFrom(
      { column: 'name', op: 'matches', value: '^SPAM\\b' },
      ...['^SPAM', 'oak$', '^rug$', 'k t', 'say "hi'].map(
        (value) => ({ column: 'name', op: 'matches', value }) as const,
      ),
      { column: 'name', op: 'contains', value: "'); DROP TABLE work; --" },
      { column: 'name', op: 'lessThan', value: 6 },
      { column: 'name', op: 'missing' },
      { column: 'price', op: 'contains', value: '1' },
      { column: 'price', op: 'greaterThan', value: 1e20 },
      { column: 'price', op: 'equals', value: '2.0' },
      { column: 'stars', op: 'notEquals', value: 'nonsense' },
      { column: 'label', op: 'equals', value: 'z' },
    ),
    { maxLength: 2 },
  ),
  minTextLength: fc.constantFrom(0, 1, 3),
  exactDuplicates: fc.constantFrom('drop', 'keep'),
}) as fc.Arbitrary<CleanInput>;
const contract: fc.Arbitrary<NonNullable<DatasetInput['contract']>> = fc.constantFrom(
  {},
  { price: { min: -5, maxMissing: 0.9 }, label: { allowed: ['x', 'y'] } },
  { stars: { max: 3.4 }, name: { min: 5 } },
  { price: { maxMissing: 0 } },
);

describe('clean by the database', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  async function same(text: string, given: CleanInput, more: Partial<DatasetInput> = {}): Promise<unknown> {
    const { small, large, elsewhere } = workplace.contexts({ 't.csv': text });
    const params = { dataset: DatasetConfig.parse({ ...dataset, ...more }) };
    const read = await ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, small);
    const job = {
      path: 'clean',
      seed: 42,
      params: { ...params, clean: CleanConfig.parse(given) },
      inputs: read.outputs,
    };
    const wanted = await outcome(() => clean.run(job, small));
    assert.deepEqual(await outcome(() => clean.run(job, large)), wanted);
    assert.deepEqual(await outcome(() => clean.run(job, elsewhere)), wanted);
    return wanted;
  }

  it('gives the same bytes, limits and errors as in memory, whatever the table, the rules and the contract', async () => {
    let cleaned = 0;
    await fc.assert(
      fc.asyncProperty(table, rules, contract, async (text, given, wanted) => {
        if (typeof (await same(text, given, { contract: wanted })) !== 'string') cleaned++;
      }),
      { numRuns: 30 },
    );
    assert.ok(cleaned >= 3, `${cleaned} tables were cleaned`);
  });

  const rows = Array.from(
    { length: 30 },
    (_, i) =>
      `k${i},thing ${i % 9},${i % 2 ? 'x' : 'y'},${i % 4},${i % 3},s,${i % 5 ? 'train' : i % 2 ? 'validation' : 'test'}`,
  );
  const hostile = [
    "' OR true --",
    "'; COPY (SELECT 1) TO '/tmp/assay-hostile'; --",
    "') UNION SELECT content FROM read_text('/etc/hostname') --",
    '\\\'" $1 $$ ;',
  ];
  for (const value of hostile) {
    it(`takes ${JSON.stringify(value)} in a rule for a text to be looked for`, async () => {
      const given: CleanInput = {
        irrelevant: [
          { column: 'name', op: 'equals', value },
          { column: 'name', op: 'contains', value },
        ],
      };
      const hit = `hit,${quoted(value)},x,1,1,s,train`;
      const found = await same(csv(header, ...rows, hit), given, {
        contract: { shop: { allowed: ['s', value] } },
      });
      assert.equal((found as { figures: Record<string, number> }).figures['dropped.irrelevant'], 1);
    });
  }

  it('says nothing of a missing number, whatever it is compared with', async () => {
    const found = await same(csv(header, ...rows, 'none,rug,x,,1,s,train'), {
      irrelevant: [
        { column: 'price', op: 'equals', value: 'nonsense' },
        { column: 'price', op: 'notEquals', value: 0 },
      ],
    });
    const { figures } = found as { figures: Record<string, number> };
    const others = rows.filter((line) => line.endsWith('train') && line.split(',')[3] !== '0').length;
    assert.equal(figures['dropped.irrelevant'], others);
    const left = csv(header, ...rows, 'none,rug,x,,1,s,train', 'nor,oak,y,,1,s,train');
    const all = await same(left, { irrelevant: [{ column: 'price', op: 'notEquals', value: 'nonsense' }] });
    assert.equal((all as { figures: Record<string, number> }).figures['train'], 2);
  });

  it('takes columns called as what objects have by themselves for columns', async () => {
    const text = csv(`${header},__proto__,constructor`, ...rows.map((line) => `${line},a,b`));
    const found = await same(
      text,
      { irrelevant: [{ column: '__proto__', op: 'equals', value: 'z' }] },
      { columns: { ...dataset.columns, categorical: ['shop', '__proto__'] } },
    );
    assert.notEqual(typeof found, 'string');
  });

  it('takes a column whose name is a statement for a column', async () => {
    const evil = 'x"; DROP VIEW work; --';
    const text = csv(`${header},${quoted(evil)}`, ...rows.map((line) => `${line},7`));
    await same(
      text,
      { missing: { [evil]: 'drop' } },
      { columns: { ...dataset.columns, categorical: ['shop', evil] } },
    );
  });
});
