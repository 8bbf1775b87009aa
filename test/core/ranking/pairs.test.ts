import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Loss } from '../../../contracts/model.js';
import {
  gradeBaseline,
  gradeLogits,
  pairDerivatives,
  pairsOf,
  rankedQueries,
  type PairLoss,
} from '../../../core/ranking/pairs.js';

const close = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const ones = (n: number): Float64Array => new Float64Array(n).fill(1);
const rows = Int32Array.of(0, 1, 2);
const grades = Int32Array.of(0, 2, 1);
const LAMBDA: PairLoss = { kind: 'lambdaRank', depth: 10 };

describe('pairs of a query', () => {
  it('are all rows of other grades, the better one first, and weigh 1 by RankNet', () => {
    const pairs = pairsOf(rows, grades, ones(3), Float64Array.of(3, 2, 1), { kind: 'rankNet' });
    assert.deepEqual(pairs, [
      { better: 1, worse: 0, weight: 1 },
      { better: 2, worse: 0, weight: 1 },
      { better: 1, worse: 2, weight: 1 },
    ]);
  });
  it('weigh by LambdaRank what changing places does to NDCG', () => {
    // Ideal 3/log₂2 + 1/log₂3; in place 1 the grade 0, in place 2 the grade 2, in place 3 the grade 1.
    const [d1, d2, d3] = [1, 1 / Math.log2(3), 1 / 2];
    const ideal = 3 * d1 + 1 * d2;
    const pairs = pairsOf(rows, grades, ones(3), Float64Array.of(3, 2, 1), LAMBDA);
    const want = [(3 * (d1 - d2)) / ideal, (1 * (d1 - d3)) / ideal, (2 * (d2 - d3)) / ideal];
    pairs.forEach(({ weight }, at) => close(weight, want[at]!));
  });
  it('below the depth are worth nothing and are left out', () => {
    const pairs = pairsOf(rows, grades, ones(3), Float64Array.of(3, 2, 1), { kind: 'lambdaRank', depth: 1 });
    assert.deepEqual(
      pairs.map(({ better, worse }) => [better, worse]),
      [
        [1, 0],
        [2, 0],
      ],
    );
  });
  it('are of queries with more than one grade', () => {
    const found = rankedQueries([5, 4, 5, 4], [1, 2, 1, 0]);
    assert.deepEqual(
      found.map((rows) => Array.from(rows)),
      [[1, 3]],
    );
  });
});

describe('derivatives of a loss over pairs', () => {
  it('pull the better row up and the worse one down by σ(worse − better), scaled by log₂(1 + Σλ)/Σλ', () => {
    const out = new Float64Array(4);
    const scores = Float64Array.of(1, 0);
    pairDerivatives([Int32Array.of(0, 1)], Int32Array.of(0, 1), ones(2), scores, { kind: 'rankNet' }, out);
    const pull = 1 / (1 + Math.exp(-1)); // worse is 1 above better
    const scale = Math.log2(1 + 2 * pull) / (2 * pull);
    close(out[2]!, -scale * pull);
    close(out[0]!, scale * pull);
    close(out[3]!, scale * pull * (1 - pull), 1e-15);
  });
  it('sum to nothing over a query, whatever the scores', () => {
    const losses: Loss[] = [{ kind: 'rankNet' }, LAMBDA];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.double({ min: -9, max: 9, noNaN: true })), {
          minLength: 2,
          maxLength: 20,
        }),
        fc.constantFrom(...losses),
        (items, loss) => {
          const given = Int32Array.from(items, ([grade]) => grade);
          const scores = Float64Array.from(items, ([, score]) => score);
          const out = new Float64Array(2 * items.length);
          const queries = rankedQueries(new Int32Array(items.length), given);
          pairDerivatives(queries, given, ones(items.length), scores, loss as PairLoss, out);
          close(
            items.reduce((sum, _, i) => sum + out[2 * i]!, 0),
            0,
            1e-9,
          );
          assert.ok(items.every((_, i) => out[2 * i + 1]! > 0));
        },
      ),
    );
  });
  it('double with the weights of a query', () => {
    const [one, two] = [new Float64Array(6), new Float64Array(6)];
    const scores = Float64Array.of(0.3, -1, 0.2);
    pairDerivatives([rows], grades, ones(3), scores, LAMBDA, one);
    pairDerivatives([rows], grades, ones(3).fill(2), scores, LAMBDA, two);
    one.forEach((value, at) => close(two[at]!, 2 * value, 1e-12));
  });
});

describe('logits of grades from a score', () => {
  const baseline = gradeBaseline(Int32Array.of(0, 0, 1, 2), ones(4), 3);
  it('give the shares of the grades where the score is 0', () => {
    gradeLogits(Float64Array.of(0), baseline).forEach((z, k) => close(Math.exp(z), [0.5, 0.25, 0.25][k]!));
  });
  it('rise with the grade by the score', () => {
    const z = gradeLogits(Float64Array.of(2), baseline);
    close(z[1]! - baseline[1]!, 1);
    close(z[2]! - baseline[2]!, 2);
  });
});
