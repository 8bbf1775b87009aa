import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainDistances, squaredDistances } from '../../../../core/importance/knn/distances.js';
import { knnShapley, type Labelled } from '../../../../core/importance/knn/shapley.js';
import { knnUtility } from '../../../../core/importance/utility/learners.js';
import {
  exactSemivalues,
  shapleyWeights,
  utilityTable,
} from '../../../../core/importance/utility/semivalue.js';
import { seeded } from '../../../../core/random.js';

function cloud(seed: number, rows: number, cols: number): Labelled {
  const random = seeded(seed, 'cloud');
  const values = Float64Array.from({ length: rows * cols }, () => random.normal());
  return {
    matrix: { rows, cols, values },
    targets: Int32Array.from({ length: rows }, () => random.below(3)),
  };
}

describe('squared distances', () => {
  for (const cols of [0, 1, 3, 4, 7, 64]) {
    it(`are those of plain loops: ${cols} features`, () => {
      const [rows, points] = [cloud(1, 37, cols).matrix, cloud(2, 6, cols).matrix];
      for (const [first, count] of [
        [0, 4],
        [4, 2],
        [5, 1],
      ] as const) {
        const fast = squaredDistances(rows, points)(first, count);
        const plain = plainDistances(rows, points)(first, count);
        assert.equal(fast.length, count);
        fast.forEach((distances, p) =>
          distances.forEach((value, i) => assert.ok(Math.abs(value - plain[p]![i]!) < 1e-12 * (1 + value))),
        );
      }
    });
  }

  it('refuse points of another width', () => {
    assert.throws(() => squaredDistances(cloud(1, 2, 3).matrix, cloud(1, 2, 4).matrix), /3 features, got 4/);
  });
});

describe('KNN-Shapley', () => {
  for (const k of [1, 2, 5, 9, 20]) {
    it(`is the Shapley value of all coalitions of 9 rows, also where k is ${k}`, () => {
      const [training, test] = [cloud(k, 9, 2), cloud(k + 1, 4, 2)];
      const exact = exactSemivalues(utilityTable(knnUtility(training, test, k)), shapleyWeights(9));
      knnShapley(training, test, k).forEach((value, i) => assert.ok(Math.abs(value - exact[i]!) < 1e-12));
    });
  }

  it('gives nothing where there is nothing to serve', () => {
    assert.deepEqual(knnShapley(cloud(1, 3, 2), cloud(1, 0, 2), 1), new Float64Array(3));
    assert.equal(knnShapley(cloud(1, 0, 2), cloud(1, 3, 2), 1).length, 0);
  });
});
