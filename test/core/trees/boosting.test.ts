import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint, ModelInput, TrainingSet } from '../../../contracts/model.js';
import { argmaxRows } from '../../../core/probability.js';
import { seeded } from '../../../core/random.js';
import { plainMemory, treeMemory, type TreeMemory } from '../../../core/trees/treeMemory.js';
import { trees, TreesParams } from '../../../models/trees.js';
import { flat } from '../../readFixture.js';
import { fromRows } from '../linear/cases.js';

const dense = (rows: readonly (readonly number[])[]): ModelInput => ({
  kind: 'dense',
  matrix: { rows: rows.length, cols: rows[0]!.length, values: flat(rows) },
});
const sparse = (rows: readonly (readonly number[])[]): ModelInput => ({
  kind: 'sparse',
  matrix: fromRows(rows),
});

function trainingOf(
  input: ModelInput,
  targets: readonly number[],
  weights = targets.map(() => 1),
): TrainingSet {
  return {
    input,
    targets: Int32Array.from(targets),
    outputs: Math.max(...targets) + 1,
    sampleWeights: Float64Array.from(weights),
  };
}

const fit = (training: TrainingSet, params: object = {}, options: object = {}) =>
  trees.fit(training, TreesParams.parse({ trees: 20, minSamplesLeaf: 1, ...params }), {
    seed: 1,
    ...options,
  });

const near = (a: Float64Array, b: Float64Array, tolerance: number): void => {
  assert.equal(a.length, b.length);
  a.forEach((value, i) => assert.ok(Math.abs(value - b[i]!) <= tolerance, `${i}: ${value}, ${b[i]}`));
};

/** Mostly zeros, some missing; three classes that the first two features tell apart, more or less. */
function table(seed: number, n: number): { rows: number[][]; targets: number[] } {
  const random = seeded(seed, 'table');
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: 5 }, () =>
      random.next() < 0.75 ? 0 : random.next() < 0.1 ? NaN : random.below(40) / 8 - 2,
    ),
  );
  const targets = rows.map(([a = 0, b = 0]) => {
    if (random.next() < 0.1) return random.below(3);
    return (a || 0) > 0 ? 1 : (b || 0) < 0 ? 2 : 0;
  });
  return { rows, targets };
}

for (const kind of ['histogramGradientBoosting', 'randomForest'] as const) {
  describe(`trees, ${kind}`, () => {
    const { rows, targets } = table(1, 300);

    it('are the same on sparse and on shifted, dense features', async () => {
      const shifted = rows.map((row) => row.map((value) => value + 16));
      const one = await fit(trainingOf(sparse(rows), targets), { kind, maxFeatures: 'all' });
      const other = await fit(trainingOf(dense(shifted), targets), { kind, maxFeatures: 'all' });
      const [a, b] = [one.predictLogits(sparse(rows)), other.predictLogits(dense(shifted))];
      if (kind === 'histogramGradientBoosting') near(a, b, 1e-6);
      else {
        const agree = argmaxRows(a, 3).filter((code, i) => code === argmaxRows(b, 3)[i]).length;
        assert.ok(agree >= 0.97 * targets.length, `${agree}`); // equally good features are drawn in another order
      }
    });

    it('predict alike from dense and from sparse rows', async () => {
      const model = await fit(trainingOf(sparse(rows), targets), { kind });
      assert.deepEqual(model.predictLogits(dense(rows)), model.predictLogits(sparse(rows)));
    });

    it('give a class without rows hardly any probability', async () => {
      const training = { ...trainingOf(sparse(rows), targets), outputs: 5 };
      const logits = (await fit(training, { kind })).predictLogits(sparse(rows));
      assert.equal(logits.length, 300 * 5);
      assert.ok(argmaxRows(logits, 5).every((code) => code < 3));
      assert.ok(logits.every(Number.isFinite));
    });

    it('learn categories that no threshold tells apart', async () => {
      const codes = Array.from({ length: 200 }, (_, i) => [i % 8]);
      const wanted = codes.map(([code]) => code! % 2);
      const params = { kind, categorical: [0], maxLeaves: 2, trees: 10, maxDepth: 1 };
      const guesses = argmaxRows(
        (await fit(trainingOf(sparse(codes), wanted), params)).predictLogits(sparse(codes)),
        2,
      );
      assert.deepEqual([...guesses], wanted);
    });

    it('are a constant where there is one class', async () => {
      const logits = (
        await fit(
          trainingOf(
            sparse(rows),
            targets.map(() => 0),
          ),
          { kind },
        )
      ).predictLogits(sparse(rows));
      assert.equal(new Set(logits).size, 1);
    });

    it('refuse sequences, a wrong width, and weights that are none', async () => {
      const training = trainingOf(sparse(rows), targets);
      const batch = { rows: 1, length: 1, tokens: Int32Array.of(1), vocabulary: 2 };
      await assert.rejects(
        fit({ ...training, input: { kind: 'sequence', batch } }, { kind }),
        /got sequence/,
      );
      const model = await fit(training, { kind, trees: 1 });
      assert.throws(() => model.predictLogits(dense([[1]])), /5 features, got 1/);
      await assert.rejects(fit({ ...training, sampleWeights: new Float64Array(300) }, { kind }), /got none/);
      await assert.rejects(
        fit({ ...training, sampleWeights: new Float64Array(300).fill(NaN) }, { kind }),
        /NaN/,
      );
    });
  });
}

describe('boosting', () => {
  const { rows, targets } = table(2, 240);

  it('takes a weight of 2 for a row that is there twice', async () => {
    const weights = targets.map((_, i) => 1 + (i % 3 === 0 ? 1 : 0));
    const twice = rows.map((_, i) => i).flatMap((i) => (weights[i] === 2 ? [i, i] : [i]));
    const one = await fit(trainingOf(sparse(rows), targets, weights));
    const other = await fit(
      trainingOf(
        sparse(twice.map((i) => rows[i]!)),
        twice.map((i) => targets[i]!),
      ),
    );
    near(one.predictLogits(sparse(rows)), other.predictLogits(sparse(rows)), 1e-9);
  });

  it('sends missing values to the side where they help', async () => {
    const x = Array.from({ length: 60 }, (_, i) => [i % 3 === 0 ? NaN : i]);
    const y = x.map(([value]) => (Number.isNaN(value) ? 1 : 0));
    const guesses = argmaxRows(
      (await fit(trainingOf(sparse(x), y), { maxLeaves: 2 })).predictLogits(sparse(x)),
      2,
    );
    assert.deepEqual([...guesses], y);
  });

  it('keeps the most accurate iteration on the evaluation rows, and stops', async () => {
    const training = trainingOf(sparse(rows), targets);
    const { rows: held, targets: truth } = table(3, 200);
    const evaluation = { input: sparse(held), targets: Int32Array.from(truth), outputs: 3 };
    let done = 0;
    const sinks = { progress: (progress: { done: number }) => void (done = progress.done) };
    const stopped = await fit(
      training,
      { trees: 200, earlyStopping: { patience: 5 } },
      { evaluation, sinks },
    );
    const whole = await fit(training, { trees: done - 5 });
    assert.ok(done < 200);
    assert.deepEqual(stopped.tensors(), whole.tensors());
  });

  it('resumes with early stopping to the same bits', async () => {
    const training = trainingOf(sparse(rows), targets);
    const evaluation = { input: sparse(rows), targets: training.targets, outputs: 3 };
    const saved: Checkpoint[] = [];
    const save = async (checkpoint: Checkpoint): Promise<void> => void saved.push(checkpoint);
    const params = { trees: 60, earlyStopping: { patience: 4 } };
    const options = { evaluation, sinks: { checkpoint: { due: () => true, save } } };
    const whole = (await fit(training, params, options)).tensors();
    for (const resumeFrom of saved) {
      assert.deepEqual((await fit(training, params, { evaluation, resumeFrom })).tensors(), whole);
    }
  });
});

describe("a boosted tree's memory", () => {
  const run = (memory: TreeMemory) => {
    const random = seeded(4, 'memory');
    const n = 103;
    const codes = memory.bytes(2 * n);
    codes.forEach((_, i) => (codes[i] = random.below(7)));
    const rows = memory.integers(n);
    random.shuffle(rows.map((_, i) => i)).forEach((row, i) => (rows[i] = row));
    const pairs = memory.doubles(2 * n);
    pairs.forEach((_, i) => (pairs[i] = random.normal()));
    const histogram = memory.doubles(40);
    for (const [from, to] of [
      [0, n],
      [5, 8],
      [9, 9],
    ] as const) {
      memory.addColumn(histogram, 3, codes, n, rows, from, to, pairs);
    }
    const sides = memory.bytes(256);
    sides.set([1, 0, 0, 1, 1]);
    const middle = memory.partition(rows, 4, 99, codes, n, sides, memory.integers(n));
    return { histogram: [...histogram], rows: [...rows], middle };
  };

  it('gives the same bits in WebAssembly and by plain loops', () => {
    assert.deepEqual(run(treeMemory(10_000, 8)), run(plainMemory));
  });
});
