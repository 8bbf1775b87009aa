import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CsrMatrix, Tensor } from '../../contracts/matrix.js';
import type { Checkpoint, Model, TrainingSet } from '../../contracts/model.js';
import { argmaxRows } from '../../core/probability.js';
import { seeded } from '../../core/random.js';
import { ensembleFrom } from '../../core/trees/ensemble.js';
import { modelByName, models } from '../../models/index.js';
import { trees } from '../../models/trees.js';

const CLASSES = 3;

/** Every row says its class by the feature (class + turn) mod 3, beside noise. */
function rows(n: number, turn: number, seed: number): TrainingSet & { readonly matrix: CsrMatrix } {
  const random = seeded(seed);
  const targets = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const indices = Int32Array.from(
    [...targets].flatMap((target) => [(target + turn) % CLASSES, CLASSES + random.below(4)]),
  );
  const matrix = {
    ...{ rows: n, cols: CLASSES + 4, indices },
    indptr: Int32Array.from({ length: n + 1 }, (_, i) => 2 * i),
    values: new Float32Array(2 * n).fill(1),
  };
  const sampleWeights = new Float64Array(n).fill(1);
  return { input: { kind: 'sparse', matrix }, matrix, targets, outputs: CLASSES, sampleWeights };
}
const [old, turned] = [rows(120, 0, 1), rows(150, 1, 2)];

const accuracy = (logits: Float64Array, { targets }: TrainingSet): number => {
  const predicted = argmaxRows(logits, CLASSES);
  return targets.reduce((sum, target, row) => sum + Number(target === predicted[row]), 0) / targets.length;
};
const data = (tensors: readonly Tensor[]) => tensors.map(({ name, data: values }) => [name, [...values]]);

const cases = [
  { name: 'linear', asked: {} },
  { name: 'factorization', asked: { factors: 2, epochs: 15 } },
  { name: 'trees', asked: { trees: 12, minSamplesLeaf: 5, learningRate: 0.3 } },
];

describe('going on from an earlier fit', () => {
  for (const { name, asked } of cases) {
    const model = modelByName(name);
    const params = model.paramsSchema.parse(asked);
    const fit = (training: TrainingSet, goOnFrom?: readonly Tensor[]) =>
      model.fit(training, params, { seed: 1, ...(goOnFrom ? { goOnFrom } : {}) });

    it(`${model.name} learns what has changed, to the same bytes each time, and leaves the earlier fit as it was`, async () => {
      assert.ok(model.goesOn?.(params));
      const first = await fit(old);
      assert.equal(accuracy(first.predictLogits(turned.input), turned), 0);
      const before = data(first.tensors());
      const [once, again] = [await fit(turned, first.tensors()), await fit(turned, first.tensors())];
      assert.ok(accuracy(once.predictLogits(turned.input), turned) > 0.95);
      assert.deepEqual(data(once.tensors()), data(again.tensors()));
      assert.deepEqual(data(first.tensors()), before);
    });
  }

  const boosted = trees.paramsSchema.parse({ trees: 6, minSamplesLeaf: 5 });
  it('boosting keeps the earlier trees and their baseline, and adds its own above them', async () => {
    const first = ensembleFrom((await trees.fit(old, boosted, { seed: 1 })).tensors());
    // Of other shares: a baseline of these rows would be another one.
    const uneven = { ...turned, sampleWeights: Float64Array.from(turned.targets, (target) => 1 + target) };
    const goOnFrom = (await trees.fit(old, boosted, { seed: 1 })).tensors();
    const second = ensembleFrom((await trees.fit(uneven, boosted, { seed: 1, goOnFrom })).tensors());
    assert.equal(first.trees.length, 6 * CLASSES);
    assert.equal(second.trees.length, 2 * first.trees.length);
    assert.deepEqual(second.trees.slice(0, first.trees.length), first.trees);
    assert.deepEqual(second.baseline, first.baseline);
  });

  it('boosting that was interrupted while it went on ends in the same trees', async () => {
    const goOnFrom = (await trees.fit(old, boosted, { seed: 1 })).tensors();
    const whole = await trees.fit(turned, boosted, { seed: 1, goOnFrom });
    let resumeFrom: Checkpoint | undefined;
    const checkpoint = {
      due: () => resumeFrom === undefined,
      save: (made: Checkpoint) => {
        resumeFrom = made;
        return Promise.resolve();
      },
    };
    await trees.fit(turned, { ...boosted, trees: 3 }, { seed: 1, goOnFrom, sinks: { checkpoint } });
    const resumed = await trees.fit(turned, boosted, { seed: 1, goOnFrom, resumeFrom: resumeFrom! });
    assert.deepEqual(data(resumed.tensors()), data(whole.tensors()));
  });

  it('is not what a warm start is: that saves time only, and trees look away', async () => {
    const warmStart = (await trees.fit(old, boosted, { seed: 1 })).tensors();
    const warm = await trees.fit(turned, boosted, { seed: 1, warmStart });
    assert.deepEqual(data(warm.tensors()), data((await trees.fit(turned, boosted, { seed: 1 })).tensors()));
  });

  for (const kind of ['randomForest', 'bagging'] as const) {
    it(`a ${kind} says that it can't`, async () => {
      const params = trees.paramsSchema.parse({ kind, trees: 2 });
      assert.equal(trees.goesOn?.(params), false);
      const goOnFrom = (await trees.fit(old, params, { seed: 1 })).tensors();
      await assert.rejects(trees.fit(turned, params, { seed: 1, goOnFrom }), {
        name: 'ConfigError',
        message: new RegExp(`${kind} can't go on from an earlier fit; take histogramGradientBoosting`),
      });
    });
  }

  it('is claimed by no network', () => {
    const claiming = models.filter((model: Model) => model.usesEngine && model.goesOn);
    assert.deepEqual(claiming, []);
  });
});
