import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Loss, Model, TrainingSet } from '../../contracts/model.js';
import { fromCoo } from '../../core/sparse.js';
import { seeded } from '../../core/random.js';
import { taskOf } from '../../core/tasks/index.js';
import { linear } from '../../models/linear.js';
import { trees } from '../../models/trees.js';

const QUERIES = 40;
const ITEMS = 10;
const K = 3;

/** Grades follow the first feature inside a query; every query adds an offset of its own to it. */
function toy(seed: number): TrainingSet {
  const random = seeded(seed, 'toy');
  const n = QUERIES * ITEMS;
  const [row, column, value]: [number[], number[], number[]] = [[], [], []];
  const targets = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const quality = random.below(100) / 100;
    targets[i] = Math.floor(quality * K);
    const query = Math.floor(i / ITEMS);
    [quality + ((query * 7) % 5), random.below(100) / 100].forEach((one, j) => {
      row.push(i);
      column.push(j);
      value.push(one);
    });
  }
  return {
    input: {
      kind: 'sparse',
      matrix: fromCoo(n, 2, Int32Array.from(row), Int32Array.from(column), Float32Array.from(value)),
    },
    targets,
    outputs: K,
    sampleWeights: new Float64Array(n).fill(1),
    groups: Int32Array.from(targets.keys(), (i) => Math.floor(i / ITEMS)),
  };
}

const ranking = taskOf('ranking');
const losses: Loss[] = [{ kind: 'rankNet' }, { kind: 'lambdaRank', depth: 10 }];
const models: [Model, object][] = [
  [linear as Model, { C: 16 }],
  [trees as Model, { trees: 40, minSamplesLeaf: 5 }],
];

for (const [model, params] of models) {
  for (const loss of losses) {
    describe(`${model.name} by ${loss.kind}`, () => {
      const fit = (set: TrainingSet) => model.fit(set, model.paramsSchema.parse(params), { seed: 1 });
      const ndcg = (set: TrainingSet, values: Float64Array): number => {
        const judged = { ...set, groups: set.groups!, logits: { rows: set.targets.length, cols: K, values } };
        return ranking.measure(['ndcg@10'], judged)()[0]!;
      };
      it('ranks the items of queries that it never saw', async () => {
        const fitted = await fit({ ...toy(1), loss });
        const other = toy(2);
        assert.ok(ndcg(other, fitted.predictLogits(other.input)) > 0.95);
      });
      it('predicts the same after it was stored', async () => {
        const set = toy(1);
        const fitted = await fit({ ...set, loss });
        assert.deepEqual(
          model.load(fitted.tensors()).predictLogits(set.input),
          fitted.predictLogits(set.input),
        );
      });
      it('takes a query of weight 0 as absent', async () => {
        const set = { ...toy(1), loss };
        const cut = 300;
        const weights = set.sampleWeights.map((_, i) => (i < cut ? 1 : 0));
        const shuffled = set.targets.map((grade, i) => (i < cut ? grade : (grade + 1) % K));
        const one = await fit({ ...set, sampleWeights: weights });
        const two = await fit({ ...set, sampleWeights: weights, targets: shuffled });
        assert.deepEqual(two.predictLogits(set.input), one.predictLogits(set.input));
      });
      it('asks for the queries', async () => {
        const { groups: _, ...set } = toy(1);
        await assert.rejects(fit({ ...set, loss }), /expected the query of each of 400 rows, got none/);
      });
    });
  }
}
