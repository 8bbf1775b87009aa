import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boost } from '../../activities/boost.js';
import { judgeBoost } from '../../activities/judgeBoost.js';
import { readDocument, writeDocument } from '../../activities/prepared.js';
import type { StageContext } from '../../contracts/store.js';
import { BoostSummary } from '../../contracts/summary.js';
import { tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const ROWS = 120; // 80 train, 40 validation
const shopOf = (row: number): string => (row % 4 === 0 ? 'new' : 'old');

/** Two classes by turns; predictions miss every second row of the new shop, narrowly. */
async function inputsOf(context: StageContext, validationTarget: (row: number) => number) {
  const { artifacts } = context;
  const all = Int32Array.from({ length: ROWS }, (_, row) => row);
  const isTraining = (row: number): boolean => row < 80;
  const samples = await artifacts.writeTable(
    'samples',
    [
      { name: 'row', type: 'int32' },
      { name: 'id', type: 'utf8' },
      ...['split', 'target', 'group', 'cluster'].map((name) => ({ name, type: 'int32' as const })),
    ],
    [
      {
        rows: ROWS,
        columns: {
          row: all,
          id: [...all].map((row) => `r${row}`),
          split: all.map((row) => (isTraining(row) ? 0 : 1)),
          target: all.map((row) => (isTraining(row) ? row % 2 : validationTarget(row))),
          group: all,
          cluster: all,
        },
      },
    ],
  );
  const classes = await artifacts.writeTable(
    'classes',
    [
      { name: 'code', type: 'int32' },
      { name: 'name', type: 'utf8' },
    ],
    [{ rows: 2, columns: { code: Int32Array.of(0, 1), name: ['no', 'yes'] } }],
  );
  const names = ['target', 'shop'] as const;
  const dataset = await artifacts.writeTable(
    'dataset',
    names.map((name) => ({ name, type: 'utf8' as const })),
    [
      {
        rows: ROWS,
        columns: { target: [...all].map((row) => ['no', 'yes'][row % 2]!), shop: [...all].map(shopOf) },
      },
    ],
  );
  const training = all.filter(isTraining);
  const logits = Float64Array.from(
    [...training].flatMap((row) => (row % 8 === 0 ? [0, 0.5] : row % 2 ? [0, 4] : [4, 0])),
  );
  const best = await artifacts.writeTable(
    'predictions',
    [
      { name: 'row', type: 'int32' },
      { name: 'strength', type: 'float64' },
      { name: 'logits', type: 'float64[]' },
    ],
    [
      {
        rows: 80,
        columns: {
          row: training,
          strength: new Float64Array(80).fill(1),
          logits: { width: 2, values: logits },
        },
      },
    ],
  );
  return { samples: [samples], classes: [classes], dataset: [dataset], best: [best] };
}

const params = boost.paramsSchema.parse({
  task: 'classification',
  columns: { target: 'label', categorical: ['shop'] },
  scheme: { seed: 1, outerFolds: 2 },
  ...{ unit: -1, base: 'uniform', name: 'uniform+boost', factors: [] },
  ...{ minSupport: 10, minEffectiveSampleSize: 0.1 },
  propose: { factor: 1.25, maxNoiseRate: 0.9, refused: [] },
});

async function run(validationTarget: (row: number) => number, change: Partial<typeof params> = {}) {
  const context = fakeStageContext();
  const inputs = await inputsOf(context, validationTarget);
  const job = { path: 'x', seed: 1, params: { ...params, ...change }, inputs };
  const output = await boost.run(job, context);
  return { ...output, context };
}

describe('the stage boost', () => {
  it('gives the slice b, the rest 1, and brings the mean to 1', async () => {
    const { figures, outputs, context } = await run((row) => row % 2);
    assert.equal(figures['slice'], 'shop = new');
    const weights = await tableRows(context.artifacts, outputs['weights']![0]!);
    // 20 of 80 rows: Σ d·b = 20 · 1.25 + 60 = 85
    for (const row of weights) {
      const want = (shopOf(Number(row['row'])) === 'new' ? 1.25 : 1) * (80 / 85);
      assert.ok(Math.abs(Number(row['uniform+boost']) - want) < 1e-12);
      assert.equal(row['uniform'], 1);
    }
  });

  it('never looks at labels of the rows that will judge it', async () => {
    const [one, other] = [await run((row) => row % 2), await run((row) => 1 - (row % 2))];
    assert.deepEqual(one.outputs, other.outputs);
    assert.deepEqual(one.figures, other.figures);
  });

  it('names the held-out rows that are in the slice', async () => {
    const { outputs, context } = await run((row) => row % 2);
    const inside = await tableRows(context.artifacts, outputs['inside']![0]!);
    assert.deepEqual(
      inside.map(({ row }) => row),
      [80, 84, 88, 92, 96, 100, 104, 108, 112, 116],
    );
  });

  it('cuts no slice by the target, not even where it is asked to', async () => {
    const { figures } = await run((row) => row % 2, { sliceBy: ['target'] });
    assert.equal(figures['slice'], '');
  });

  it('says what to do where a slice of an earlier round is gone', async () => {
    const factors = [{ slice: 'shop = gone', factor: 1.25 }];
    await assert.rejects(
      run((row) => row % 2, { factors }),
      /"shop = gone" was boosted.*analyse\.slices\.columns/,
    );
  });
});

describe('the stage judgeBoost', () => {
  const trust = (slice: string) => ({ slice, support: 20, trustedError: 0.5, noiseRate: 0.1 });
  const proposalOf = (slice: string | null) => ({
    proposal: slice === null ? null : { ...trust(slice), factor: 1.25 },
    overall: trust('all rows'),
    relabel: [],
  });
  const cases = [
    { name: 'nothing qualified', slices: [null, null, null], want: /^No slice has labels to be believed/ },
    {
      name: 'one fold of three agrees',
      slices: ['a', 'b', 'c', 'a'],
      want: /^a is not boosted: only 1 of 3 outer folds/,
    },
  ];
  for (const { name, slices, want } of cases) {
    it(`needs no fits where ${name}, and says so`, async () => {
      const context = fakeStageContext();
      const inputs = await inputsOf(context, (row) => row % 2);
      const proposals = await Promise.all(
        slices.map((slice) => writeDocument(context.artifacts, proposalOf(slice))),
      );
      const asked = judgeBoost.paramsSchema.parse({
        ...{
          task: 'classification',
          round: 2,
          strength: 1,
          alpha: 0.05,
          maxLoss: 0.003,
          earlier: [],
          planned: 2,
        },
      });
      const job = { path: 'x', seed: 1, params: asked, inputs: { ...inputs, proposals } };
      const { outputs, figures } = await judgeBoost.run(job, context);
      const decision = BoostSummary.parse(await readDocument(context.artifacts, outputs['decision']![0]!));
      assert.match(decision.reason, want);
      assert.equal(decision.test, null);
      assert.equal(figures['accepted'], 0);
    });
  }
});
