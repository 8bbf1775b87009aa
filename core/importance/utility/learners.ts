import type { CsrMatrix, DenseMatrix } from '../../../contracts/matrix.js';
import { argsort, sortScratch } from '../../argsort.js';
import { classProblem, expand } from '../../linear/classes.js';
import { newtonIteration } from '../../linear/newton.js';
import { logitsOf } from '../../linear/parameters.js';
import { groupsOf, priorParameters } from '../../linear/problem.js';
import { argmaxRows } from '../../probability.js';
import { selectRows } from '../../sparse.js';
import { POINTS_AT_ONCE, squaredDistances } from '../knn/distances.js';
import type { Labelled } from '../knn/shapley.js';
import type { Utility } from './utility.js';

/**
 * Share of the k nearest members that have the validation row's class, of k, averaged: the game of which `knnShapley`
 * has the closed form. A coalition is asked in O(m·k) once the distances are sorted.
 */
export function knnUtility(training: Labelled, validation: Labelled, k: number): Utility {
  const [n, m] = [training.targets.length, validation.targets.length];
  const order = neighbourOrders(training.matrix, validation.matrix); // (m, n)
  return {
    points: n,
    value(members) {
      const member = new Uint8Array(n);
      for (const point of members) member[point] = 1;
      const wanted = Math.min(k, members.length);
      let votes = 0;
      for (let t = 0; t < m; t++) {
        const target = validation.targets[t]!;
        for (let at = t * n, found = 0; found < wanted; at++) {
          const row = order[at]!;
          if (member[row] === 0) continue;
          found++;
          if (training.targets[row] === target) votes++;
        }
      }
      return votes / (k * m);
    },
  };
}

function neighbourOrders(rows: DenseMatrix, points: DenseMatrix): Int32Array {
  const n = rows.rows;
  const orders = new Int32Array(points.rows * n);
  const scratch = sortScratch(n);
  const distancesOf = squaredDistances(rows, points);
  for (let first = 0; first < points.rows; first += POINTS_AT_ONCE) {
    distancesOf(first, Math.min(POINTS_AT_ONCE, points.rows - first)).forEach((distances, p) => {
      argsort(distances, scratch, orders.subarray((first + p) * n, (first + p + 1) * n));
    });
  }
  return orders;
}

const SHRINKAGE = 0.1; // of a feature's overall variance, added to that of each class

/** Validation accuracy of Gaussian naive Bayes; a walk updates one class a step, in O(m·d). No members: 1/K. */
export function naiveBayesUtility(training: Labelled, validation: Labelled, outputs: number): Utility {
  const floor = overallVariances(training.matrix).map((variance) => SHRINKAGE * variance + Number.MIN_VALUE);
  const begin = () => naiveBayes(training, validation, outputs, floor);
  return {
    points: training.targets.length,
    value(members) {
      const model = begin();
      const changed = new Set<number>();
      for (const point of members) changed.add(model.learn(point));
      for (const code of changed) model.score(code);
      return model.accuracy();
    },
    walk() {
      const model = begin();
      return {
        add(point) {
          model.score(model.learn(point));
          return model.accuracy();
        },
      };
    },
  };
}

function overallVariances({ rows, cols, values }: DenseMatrix): Float64Array {
  const [sums, squares] = [new Float64Array(cols), new Float64Array(cols)];
  values.forEach((value, at) => {
    sums[at % cols]! += value;
    squares[at % cols]! += value * value;
  });
  return squares.map((square, j) => Math.max(square / rows - (sums[j]! / rows) ** 2, 0));
}

function naiveBayes(training: Labelled, validation: Labelled, outputs: number, floor: Float64Array) {
  const d = floor.length;
  const m = validation.targets.length;
  const counts = new Float64Array(outputs);
  const means = new Float64Array(outputs * d);
  const spreads = new Float64Array(outputs * d); // Σ (x − mean)²
  const scores = new Float64Array(outputs * m).fill(-Infinity); // log densities, without the class's share
  return {
    /** Takes a row in (Welford). Returns its class. */
    learn(point: number): number {
      const code = training.targets[point]!;
      const count = ++counts[code]!;
      for (let j = 0; j < d; j++) {
        const at = code * d + j;
        const difference = training.matrix.values[point * d + j]! - means[at]!;
        means[at]! += difference / count;
        spreads[at]! += difference * (training.matrix.values[point * d + j]! - means[at]!);
      }
      return code;
    },
    /** Scores the validation rows by a class that has changed. */
    score(code: number): void {
      const variances = floor.map((least, j) => spreads[code * d + j]! / counts[code]! + least);
      const constant = variances.reduce((sum, variance) => sum - 0.5 * Math.log(variance), 0);
      const scales = variances.map((variance) => 0.5 / variance);
      for (let t = 0; t < m; t++) {
        let score = constant;
        for (let j = 0; j < d; j++) {
          const difference = validation.matrix.values[t * d + j]! - means[code * d + j]!;
          score -= difference * difference * scales[j]!;
        }
        scores[code * m + t] = score;
      }
    },
    accuracy(): number {
      const shares = counts.map(Math.log);
      let right = 0;
      for (let t = 0; t < m; t++) {
        let best = -1;
        let highest = -Infinity;
        for (let code = 0; code < outputs; code++) {
          const score = scores[code * m + t]! + shares[code]!;
          if (score > highest) [best, highest] = [code, score];
        }
        if (best < 0) right += 1 / outputs;
        else if (best === validation.targets[t]) right++;
      }
      return right / m;
    },
  };
}

const NEWTON_STEPS = 10;

/** Validation accuracy of L2-regularised logistic regression, trained anew for each coalition. No members: 1/K. */
export function logisticUtility(
  training: Labelled,
  validation: Labelled,
  outputs: number,
  C: number,
): Utility {
  const [rows, heldOut] = [sparseOf(training.matrix), sparseOf(validation.matrix)];
  const shareOf = (guesses: (t: number) => number): number => {
    let right = 0;
    validation.targets.forEach((target, t) => (right += Number(guesses(t) === target)));
    return right / validation.targets.length;
  };
  return {
    points: training.targets.length,
    value(members) {
      if (members.length === 0) return 1 / outputs;
      const targets = members.map((point) => training.targets[point]!);
      const sampleWeights = new Float64Array(members.length).fill(1);
      const matrix = selectRows(rows, members);
      const classes = classProblem({ matrix, targets, outputs, sampleWeights }, C, 'softmax');
      if (!classes) return shareOf(() => targets[0]!);
      const { problem } = classes;
      const theta = priorParameters(problem);
      let open: Uint8Array = new Uint8Array(groupsOf(problem)).fill(1);
      for (let step = 0; step < NEWTON_STEPS && open.includes(1); step++) {
        ({ open } = newtonIteration(problem, theta, { tolerance: 1e-3, open, onProduct: () => undefined }));
      }
      const guesses = argmaxRows(logitsOf(expand(classes, theta), heldOut), outputs);
      problem.workspace.release();
      return shareOf((t) => guesses[t]!);
    },
  };
}

function sparseOf({ rows, cols, values }: DenseMatrix): CsrMatrix {
  const indptr = Int32Array.from({ length: rows + 1 }, (_, row) => row * cols);
  const indices = Int32Array.from({ length: rows * cols }, (_, at) => at % cols);
  return { rows, cols, indptr, indices, values: Float32Array.from(values) };
}
