import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorByName, plantThresholdSamples, scoreSamples } from '../../../core/importance/index.js';
import { narrowing } from '../../../core/importance/narrowFeatures.js';
import { sinkhorn } from '../../../core/importance/sinkhorn.js';
import { seeded } from '../../../core/random.js';
import { fromCoo } from '../../../core/sparse.js';

const dense = (rows: readonly (readonly number[])[]) => ({
  kind: 'dense' as const,
  matrix: { rows: rows.length, cols: rows[0]!.length, values: Float64Array.from(rows.flat()) },
});

it('semdedup scores the copy of a kept sample below 0, and others above', () => {
  const features = dense([
    [1, 0],
    [0, 1],
    [1, 0.001],
    [-1, 0.2],
  ]);
  const evidence = { targets: new Int32Array(4), outputs: 1, features };
  const scores = scoreSamples(estimatorByName('semdedup'), evidence, { params: { clusters: 1 } });
  assert.equal(scores.filter((score) => score < 0).length, 1);
  assert.ok(scores[0]! < 0 || scores[2]! < 0);
});

describe('threshold samples', () => {
  it('are n/(K + 1) samples of a class of their own', () => {
    const targets = Int32Array.from({ length: 90 }, (_, i) => i % 2);
    const planted = plantThresholdSamples(targets, 2, seeded(1));
    assert.equal(planted.outputs, 3);
    assert.equal(planted.thresholdSamples.length, 30);
    assert.ok(planted.thresholdSamples.every((row) => planted.targets[row] === 2));
    assert.equal(planted.targets.filter((target) => target === 2).length, 30);
  });

  it('put the cut of aum at 0', () => {
    // Areas 4, 1 and −2; the only threshold sample has −2.
    const logits = Float64Array.of(4, 0, 0, 1, 2, 0);
    const dynamics = { epochs: 1, logits, thresholdSamples: Int32Array.of(2) };
    const scores = scoreSamples(estimatorByName('aum'), {
      targets: Int32Array.of(0, 1, 1),
      outputs: 2,
      dynamics,
    });
    assert.deepEqual([...scores], [6, 3, 0]);
  });
});

it('transport costs what moving the mass costs, and its potentials say which point is dear', () => {
  // One target; the points are 1 and 3 away: the cost is the mean distance 2, whatever the regularisation.
  const half = Float64Array.of(0.5, 0.5);
  const problem = { costs: Float64Array.of(1, 3), source: half, target: Float64Array.of(1) };
  const { f, cost } = sinkhorn(problem, 0.1, 100);
  assert.ok(Math.abs(cost - 2) < 0.2, String(cost));
  assert.ok(Math.abs(f[1]! - f[0]! - 2) < 1e-9);
});

it('narrow features keep distances roughly, and narrow enough ones stay', () => {
  const random = seeded(2);
  const [rows, cols] = [20, 3000];
  const at = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: 30 }, (_, j) => [row, j * 100 + row] as const),
  );
  const flat = at.flat();
  const matrix = fromCoo(
    rows,
    cols,
    Int32Array.from(flat, ([row]) => row),
    Int32Array.from(flat, ([, col]) => col),
    Float32Array.from(flat, () => 1),
  );
  const narrow = narrowing(cols, 256, random)({ kind: 'sparse', matrix });
  assert.equal(narrow.cols, 256);
  for (let row = 0; row < rows; row++) {
    const norm = narrow.values.subarray(row * 256, (row + 1) * 256).reduce((sum, x) => sum + x * x, 0);
    assert.ok(Math.abs(norm / 30 - 1) < 0.4, String(norm));
  }
  assert.equal(narrowing(cols, cols, random)({ kind: 'sparse', matrix }).values[200], 1);
});
