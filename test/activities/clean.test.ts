import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, DataError } from '../../contracts/errors.js';
import { csv, runClean, type CleanInput, type DatasetInput } from './tableStages.js';

/** name, label, price, side, in order of key; training prices are 10, 12, … unless a test says otherwise. */
const dataset: DatasetInput = {
  source: 't.csv',
  columns: {
    id: 'key',
    target: 'label',
    text: ['name'],
    numeric: ['price'],
    categorical: ['shop'],
    split: 'side',
  },
  split: { by: 'column' },
  maxUnreadable: 0.5,
};
const header = 'key,name,label,price,shop,side';
const training = Array.from(
  { length: 8 },
  (_, i) => `a${i},thing ${i},${i % 2 ? 'x' : 'y'},${10 + 2 * i},s,train`,
);
const others = ['b0,held out,x,11,s,validation', 'c0,kept back,y,12,s,test'];
const table = (...more: readonly string[]): string => csv(header, ...training, ...others, ...more);

const run = (content: string, rules: CleanInput = {}, overrides: Partial<DatasetInput> = {}) =>
  runClean({ 't.csv': content }, { ...dataset, ...overrides }, rules);

const priced: CleanInput = { outliers: [{ column: 'price', method: 'iqr', factor: 3 }] };
const ids = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map(({ id }) => id);

interface Dropped {
  readonly name: string;
  readonly more: readonly string[];
  readonly rules?: CleanInput;
  readonly overrides?: Partial<DatasetInput>;
  readonly want: Readonly<Record<string, string>>; // id -> rule
  readonly reason: RegExp;
}

const far = ['a9,far,x,9999,s,train', 'b9,far out,x,9999,s,validation', 'c9,far off,y,9999,s,test'];
const spam = ['a9,SPAM now,x,10,s,train', 'b9,SPAM later,x,10,s,validation'];
const dropped: readonly Dropped[] = [
  {
    name: 'training outliers by IQR, never others',
    more: far,
    rules: priced,
    want: { a9: 'outlier' },
    reason: /^price is 9999, outside -10 to 46 by iqr/,
  },
  {
    name: 'training outliers by MAD',
    more: far,
    rules: { outliers: [{ column: 'price', method: 'mad', factor: 5 }] },
    want: { a9: 'outlier' },
    reason: /by mad/,
  },
  {
    name: 'the tails by quantile',
    more: far,
    rules: { outliers: [{ column: 'price', method: 'quantile', factor: 0.12 }] },
    want: { a0: 'outlier', a9: 'outlier' },
    reason: /by quantile/,
  },
  {
    name: 'irrelevant training rows by words',
    more: spam,
    rules: { irrelevant: [{ column: 'name', op: 'matches', value: '^SPAM\\b' }] },
    want: { a9: 'irrelevant' },
    reason: /^name matches "\^SPAM/,
  },
  {
    name: 'irrelevant rows by number',
    more: far,
    rules: { irrelevant: [{ column: 'price', op: 'greaterThan', value: 100 }] },
    want: { a9: 'irrelevant' },
    reason: /^price greaterThan 100$/,
  },
  {
    name: 'irrelevant rows by the target, called as the user calls it',
    more: ['a9,thing,z,10,s,train'],
    rules: { irrelevant: [{ column: 'label', op: 'equals', value: 'z' }] },
    want: { a9: 'irrelevant' },
    reason: /^label equals "z"$/,
  },
  {
    name: 'short training texts',
    more: ['a9,o,x,10,s,train', 'b9,o,x,10,s,validation'],
    rules: { minTextLength: 2 },
    want: { a9: 'too_short' },
    reason: /^1 characters in name; at least 2/,
  },
  {
    name: 'training rows with a missing value where asked',
    more: ['a9,thing,x,,s,train', 'b9,thing,x,,s,validation'],
    rules: { missing: { price: 'drop' } },
    want: { a9: 'missing' },
    reason: /^price is missing$/,
  },
  {
    name: 'exact copies among training rows',
    more: ['a9,thing 1,x,12,s,train', 'b9,thing 1,x,12,s,validation'],
    want: { a9: 'duplicate' },
    reason: /same features and target as "a1", which stays/,
  },
  {
    name: 'rows of every side that are out of contract',
    more: ['a9,neg,x,-1,s,train', 'b9,neg,x,-2,s,validation', 'c9,neg,y,-3,s,test'],
    overrides: { contract: { price: { min: 0 } } },
    want: { a9: 'contract', b9: 'contract', c9: 'contract' },
    reason: /^price is "-1", expected at least 0$/,
  },
];

describe('clean drops', () => {
  for (const { name, more, rules, overrides, want, reason } of dropped) {
    it(name, async () => {
      const { rows, quarantine, output } = await run(table(...more), rules, overrides);
      assert.deepEqual(Object.fromEntries(quarantine.map(({ id, rule }) => [id, rule])), want);
      assert.match(String(quarantine[0]!['reason']), reason);
      assert.equal(rows.length + quarantine.length, 10 + more.length);
      assert.equal(output.figures['read'], 10 + more.length);
      assert.ok(Object.keys(want).every((id) => !ids(rows).includes(id)));
    });
  }

  it('nothing from clean rows, and keeps what ingest put aside', async () => {
    const { rows, quarantine } = await run(table('ragged'));
    assert.equal(rows.length, 10);
    assert.deepEqual(
      quarantine.map(({ stage, rule }) => [stage, rule]),
      [['ingest', 'ragged']],
    );
  });
});

describe('clean changes', () => {
  it('outliers on all sides to the limits of the training rows, where asked to clip', async () => {
    const { rows, output } = await run(table(...far), {
      outliers: [{ column: 'price', factor: 3, action: 'clip' }],
    });
    const prices = Object.fromEntries(rows.map(({ id, price }) => [id, price]));
    assert.deepEqual([prices['a9'], prices['b9'], prices['c9'], prices['a0']], [46, 46, 46, 10]);
    assert.equal(output.figures['price.high'], 46); // quartiles of 10, 12 … 24, 9999 are 14 and 22: 22 + 3 × 8
  });

  it('missing values on all sides to the median and most frequent value of the training rows', async () => {
    const more = ['a9,one,x,,,train', 'b9,two,x,,,validation', 'b8,three,x,999,other,validation'];
    const { rows, output } = await run(table(...more), { missing: { price: 'impute', shop: 'impute' } });
    const filled = rows
      .filter(({ id }) => id === 'a9' || id === 'b9')
      .map(({ price, shop }) => [price, shop]);
    assert.deepEqual(filled, [
      [16, 's'],
      [16, 's'],
    ]);
    assert.deepEqual([output.figures['price.imputed'], output.figures['shop.imputed']], [16, 's']);
  });

  it('nothing where a limit can not be told: all values alike', async () => {
    const alike = Array.from({ length: 8 }, (_, i) => `a${i},thing ${i},${i % 2 ? 'x' : 'y'},5,s,train`);
    const { quarantine } = await run(csv(header, ...alike, 'a9,other,x,6,s,train', ...others), priced);
    assert.deepEqual(quarantine, []);
  });

  it('no fitted limit when other sides change', async () => {
    const one = await run(table('b9,far,x,1,s,validation'), priced);
    const other = await run(table('b9,far,x,1000000,s,validation'), priced);
    assert.equal(one.output.figures['price.high'], other.output.figures['price.high']);
  });
});

describe('clean reports', () => {
  it('equal features with different targets, and equal features on several sides', async () => {
    const { output, quarantine } = await run(
      table('a9,thing 1,y,12,s,train', 'b9,thing 2,y,14,s,validation'),
    );
    assert.equal(output.figures['conflictingDuplicates'], 2);
    assert.equal(output.figures['duplicatesAcrossSplits'], 2);
    assert.deepEqual(quarantine, []);
  });

  it('targets that training never sees', async () => {
    const { output, rows } = await run(table('c9,new,z,10,s,test', 'c8,new too,z,10,s,test'));
    assert.equal(output.figures['targetsUnknownToTraining'], 'z (2)');
    assert.equal(rows.length, 12);
  });

  it('each rule of the contract, as the report shows it', async () => {
    const contract = { price: { min: 0, maxMissing: 0.5 }, label: { allowed: ['x', 'y'] } };
    const { output, context } = await run(table('a9,neg,x,-1,s,train'), {}, { contract });
    const bytes = await context.artifacts.readBlob(output.outputs['contract']![0]!);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), [
      {
        column: 'price',
        rule: 'missing in at most 50%',
        found: '0 of 11 rows (0%; allowed 50%)',
        passed: true,
      },
      { column: 'price', rule: 'at least 0', found: '1 of 11 rows (9.09%; allowed 50%)', passed: true },
      { column: 'label', rule: 'one of x, y', found: '0 of 11 rows (0%; allowed 50%)', passed: true },
    ]);
  });

  it('the same bytes twice', async () => {
    const one = await run(table(...far), priced);
    const two = await run(table(...far), priced);
    assert.deepEqual(one.output, two.output);
  });
});

interface Refused {
  readonly name: string;
  readonly content?: string;
  readonly rules?: CleanInput;
  readonly overrides?: Partial<DatasetInput>;
  readonly error?: typeof DataError | typeof ConfigError;
  readonly want: RegExp;
}

const outlier = (rule: object): CleanInput => ({ outliers: [{ column: 'price', ...rule }] });
const irrelevant = (rule: object): CleanInput => ({
  irrelevant: [{ column: 'name', op: 'equals', ...rule }],
});
const contract = (rules: NonNullable<DatasetInput['contract']>) => ({ contract: rules, maxUnreadable: 0.05 });
const sameTarget = csv(header, 'a0,p,x,1,s,train', 'a1,q,x,2,s,train', ...others);

const refused: readonly Refused[] = [
  {
    name: 'rules that leave no training row',
    rules: { minTextLength: 99 },
    want: /0 train rows are left after cleaning \(8 by rule too_short\); loosen/,
  },
  {
    name: 'a table without validation rows',
    content: csv(header, ...training, others[1]!),
    want: /0 validation rows .*there were none before.*dataset\.split/,
  },
  { name: 'a table without test rows', content: csv(header, ...training, others[0]!), want: /0 test rows/ },
  {
    name: 'a single target',
    content: sameTarget,
    want: /label: all 2 training rows have the same value "x"/,
  },
  {
    name: 'a contract broken by numbers',
    overrides: contract({ price: { max: 11 } }),
    want: /price: expected at most 11; broken in 8 of 10 rows \(80%; allowed 5%\)\. First: row "a1": price is "12"/,
  },
  {
    name: 'a contract broken by words',
    overrides: contract({ label: { allowed: ['x'] } }),
    want: /label: expected one of x; broken in 5 of 10 rows \(50%; allowed 5%\)/,
  },
  {
    name: 'a contract broken by missing values',
    content: table('a9,n,x,,s,train'),
    overrides: contract({ price: { maxMissing: 0.01 } }),
    want: /price: expected missing in at most 1%; broken in 1 of 11 rows \(9\.09%; allowed 1%\)/,
  },
  {
    name: 'a contract over a column that is not there',
    overrides: contract({ prize: { min: 0 } }),
    want: /dataset\.contract: there is no column "prize".*did you mean "price"\?/,
  },
  {
    name: 'outliers of a column that is not there',
    rules: outlier({ column: 'cost' }),
    want: /clean\.outliers: there is no column "cost"/,
  },
  {
    name: 'outliers of a text column',
    rules: outlier({ column: 'name' }),
    want: /column "name" is text; name it under dataset\.columns\.numeric/,
  },
  {
    name: 'a quantile rule whose tails overlap',
    rules: outlier({ method: 'quantile' }),
    error: ConfigError,
    want: /expected less than 0\.5 \(such as 0\.001\), got 3/,
  },
  {
    name: 'imputing a column that is not there',
    rules: { missing: { shopp: 'impute' } },
    want: /clean\.missing: .*did you mean "shop"\?/,
  },
  {
    name: 'a predicate over a column that is not there',
    rules: irrelevant({ column: 'nam', value: 'x' }),
    want: /clean\.irrelevant: .*did you mean "name"\?/,
  },
  {
    name: 'a predicate without a value',
    rules: irrelevant({}),
    error: ConfigError,
    want: /column "name", op equals: expected a value/,
  },
  {
    name: 'a predicate whose pattern is broken',
    rules: irrelevant({ op: 'matches', value: '(' }),
    error: ConfigError,
    want: /"\(" is not a regular expression/,
  },
  {
    name: 'a comparison with a word',
    rules: irrelevant({ op: 'lessThan', value: 'ten' }),
    error: ConfigError,
    want: /op lessThan: expected a number, got "ten"/,
  },
];

describe('clean refuses', () => {
  for (const { name, content = table(), rules, overrides, error = DataError, want } of refused) {
    it(name, async () => {
      await assert.rejects(run(content, rules, overrides), (thrown: unknown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match(thrown.message, want);
        return true;
      });
    });
  }
});
