import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { pairsOf, type PairLoss } from '../../core/ranking/pairs.js';
import { pairLoss } from '../../engine/pairLoss.js';
import { openBackend } from './backends.js';

const M = 6;
const gain = (grade: number): number => 2 ** grade - 1;

/** What a query feeds the operation: pairs by gains over the ideal, as networks make them. */
function fed(grades: readonly number[], loss: PairLoss) {
  const depth = loss.kind === 'lambdaRank' ? loss.depth : 0;
  const ideal =
    [...grades]
      .map(gain)
      .sort((a, b) => b - a)
      .slice(0, depth)
      .reduce((sum, one, place) => sum + one / Math.log2(place + 2), 0) || 1;
  const pairs = grades.map((a) =>
    grades.map((b) => (a <= b ? 0 : loss.kind === 'rankNet' ? 1 : (gain(a) - gain(b)) / ideal)),
  );
  const real = tf.ones([1, M]) as tf.Tensor2D;
  const order = tf.tensor2d([grades.map((_, i) => i)]);
  const swap = loss.kind === 'lambdaRank' ? { real, order, depth: loss.depth } : undefined;
  return { pairs: tf.tensor3d([pairs]), swap };
}

/** The same by the loop that trees and linear models are trained with. */
function byHand(scores: readonly number[], grades: readonly number[], loss: PairLoss): number {
  const rows = Int32Array.from(grades.keys());
  const float = Float64Array.from(scores, Math.fround);
  const pairs = pairsOf(rows, Int32Array.from(grades), new Float64Array(M).fill(1), float, loss);
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const sum = pairs.reduce(
    (all, { better, worse, weight }) => all + weight * Math.log1p(Math.exp(float[worse]! - float[better]!)),
    0,
  );
  return total > 0 ? sum / total : 0;
}

const losses: PairLoss[] = [
  { kind: 'rankNet' },
  { kind: 'lambdaRank', depth: 3 },
  { kind: 'lambdaRank', depth: 10 },
];
const queries = fc.record({
  grades: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: M, maxLength: M }),
  // Of halves: there are ties, and the order of the others is plain.
  scores: fc.array(
    fc.integer({ min: -6, max: 6 }).map((n) => n / 2),
    { minLength: M, maxLength: M },
  ),
});

for (const [engine, loss] of (['wasm', 'native'] as const).flatMap((one) =>
  losses.map((loss) => [one, loss] as const),
)) {
  describe(`the loss over pairs by ${JSON.stringify(loss)}, on ${engine}`, () => {
    it('is what the pairs of the other models add up to, ties included', async (t) => {
      if (!(await openBackend(t, engine))) return;
      fc.assert(
        fc.property(queries, ({ grades, scores }) => {
          const { pairs, swap } = fed(grades, loss);
          const [value] = pairLoss(tf, tf.tensor2d([scores]), pairs, swap).dataSync();
          const want = byHand(scores, grades, loss);
          assert.ok(Math.abs(value! - want) < 1e-5 * (1 + want), `${value} is not ${want}`);
        }),
        { numRuns: 60 },
      );
    });

    it('has the gradient of finite differences, places held', async (t) => {
      if (!(await openBackend(t, engine))) return;
      const grades = [0, 2, 1, 3, 0, 1];
      const scores = [0.9, -0.4, 0.3, -1.2, 1.6, 0.1];
      const { pairs, swap } = fed(grades, loss);
      const slope = tf.grad((s: tf.Tensor) => tf.sum(pairLoss(tf, s as tf.Tensor2D, pairs, swap)))(
        tf.tensor2d([scores]),
      );
      const found = slope.dataSync();
      const H = 1e-3; // too little to change the order of these scores
      scores.forEach((_, i) => {
        const at = (step: number): number =>
          byHand(
            scores.map((score, j) => (j === i ? score + step : score)),
            grades,
            loss,
          );
        const want = (at(H) - at(-H)) / (2 * H);
        assert.ok(Math.abs(found[i]! - want) < 2e-4, `item ${i}: ${found[i]} is not ${want}`);
      });
    });

    it('is 0, with a gradient of 0, where all grades are alike', async (t) => {
      if (!(await openBackend(t, engine))) return;
      const { pairs, swap } = fed([1, 1, 1, 1, 1, 1], loss);
      const scores = tf.tensor2d([[1, 2, 3, 4, 5, 6]]);
      assert.deepEqual([...pairLoss(tf, scores, pairs, swap).dataSync()], [0]);
      const slope = tf.grad((s: tf.Tensor) => tf.sum(pairLoss(tf, s as tf.Tensor2D, pairs, swap)))(scores);
      assert.ok(slope.dataSync().every((one) => one === 0));
    });
  });
}
