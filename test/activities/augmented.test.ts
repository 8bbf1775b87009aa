import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Copies, readCopies, withCopies } from '../../activities/augmented.js';
import { featurize } from '../../activities/featurize.js';
import { AugmentConfig, FeaturesConfig } from '../../contracts/featureSettings.js';
import { CleanConfig, Columns } from '../../contracts/settings.js';
import { fromCoo } from '../../core/sparse.js';
import { tableRows } from '../fakes/artifacts.js';
import { csv, runClean } from './tableStages.js';

/** One feature a row: its number, so that rows can be told apart. */
const numbered = (values: readonly number[]) => ({
  kind: 'sparse' as const,
  matrix: fromCoo(
    values.length,
    1,
    Int32Array.from(values.keys()),
    new Int32Array(values.length),
    Float32Array.from(values),
  ),
});
const setOf = (rows: readonly number[]) => ({
  input: numbered(rows.map((row) => row + 1)),
  targets: Int32Array.from(rows, (row) => row % 2),
  outputs: 2,
  sampleWeights: Float64Array.from(rows, () => 1),
  groups: Int32Array.from(rows),
});

describe('copies in a training set', () => {
  const copies: Copies = {
    row: Int32Array.of(0, 0, 3),
    share: Float64Array.of(0.25, 0.25, 0.5),
    input: numbered([101, 102, 104]),
  };
  it('stand below the rows, with target, group and a share of the weight of their own row', () => {
    const weights = Float64Array.of(2, 0, 1);
    const set = withCopies({ ...setOf([0, 2, 3]), sampleWeights: weights }, Int32Array.of(0, 2, 3), copies);
    assert.deepEqual(set.input, numbered([1, 3, 4, 101, 102, 104]));
    assert.deepEqual([...set.targets], [0, 0, 1, 0, 0, 1]);
    assert.deepEqual([...set.groups!], [0, 2, 3, 0, 0, 3]);
    const total = 2 + 0 + 1 + 0.5 + 0.5 + 0.5; // of mean 1 over six rows
    assert.deepEqual(
      [...set.sampleWeights],
      [2, 0, 1, 0.5, 0.5, 0.5].map((weight) => weight / (total / 6)),
    );
  });

  it('are only those of rows that are trained on, whatever is held out', () => {
    const side = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
    const origins = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 });
    fc.assert(
      fc.property(side, origins, (training, row) => {
        const made = {
          row: Int32Array.from(row),
          share: new Float64Array(row.length).fill(1),
          input: numbered(row.map((one) => one + 101)),
        };
        const rows = training.sort((a, b) => a - b);
        const set = withCopies(setOf(rows), Int32Array.from(rows), made);
        assert.ok(set.input.kind === 'sparse');
        const seen = [...set.input.matrix.values].slice(rows.length).map((value) => value - 101);
        assert.deepEqual(
          seen,
          row.filter((one) => rows.includes(one)),
        );
      }),
    );
  });

  it('are none where the run makes none', () => {
    const set = setOf([1, 2]);
    assert.equal(withCopies(set, Int32Array.of(1, 2), undefined), set);
  });
});

const dataset = {
  source: 't.csv',
  columns: { target: 'label', text: ['name'], id: 'id', split: 'side' },
  split: { by: 'column' as const },
};
const lines = csv(
  'id,name,label,side',
  ...Array.from({ length: 6 }, (_, i) => `a${i},red shoe number${i},${i % 2},train`),
  ...Array.from({ length: 3 }, (_, i) => `b${i},red hat,${i % 2},validation`),
  ...Array.from({ length: 3 }, (_, i) => `c${i},red hat,${i % 2},test`),
);

for (const input of ['sparse', 'sequence'] as const) {
  it(`featurize makes copies of training rows only, ${input}`, async () => {
    const { output, context } = await runClean({ 't.csv': lines }, dataset);
    const params = {
      task: 'classification',
      columns: Columns.parse(dataset.columns),
      features: FeaturesConfig.parse({}),
      augment: AugmentConfig.parse({ synonyms: { red: ['crimson'] }, replace: 1, drop: 0, copies: 2 }),
      nearDuplicates: CleanConfig.parse({}).nearDuplicates,
      ...{ input, tokenizer: 'words' as const },
    };
    const job = { path: 'featurize', seed: 1, params, inputs: output.outputs };
    const { outputs, figures } = await featurize.run(job, context);
    const copies = (await readCopies(outputs, context))!;
    const samples = await tableRows(context.artifacts, outputs['samples']![0]!);
    assert.equal(figures['copies'], 12);
    assert.equal(samples.length, 12);
    for (const row of copies.row) assert.equal(samples[row]!['split'], 0);
    assert.equal(copies.input.kind, input);
    assert.deepEqual(new Set(copies.share), new Set([0.25]));
    const terms = await tableRows(context.artifacts, outputs['featurizer']![0]!);
    assert.ok(
      terms.some(({ term }) => term === 'crimson'),
      'words of copies are features',
    );
  });
}
