import type { CsrMatrix } from '../../../contracts/matrix.js';
import type { Trial, TrialLearner, TrialSide } from '../../../core/benchmark/trial.js';
import { fromCoo } from '../../../core/sparse.js';
import { seeded } from '../../../core/random.js';

/** A CSR matrix of these rows. */
export function matrixOf(rows: readonly (readonly number[])[]): CsrMatrix {
  const entries = rows.flatMap((row, i) => row.map((value, j) => ({ i, j, value })));
  const filled = entries.filter(({ value }) => value !== 0);
  return fromCoo(
    rows.length,
    rows[0]?.length ?? 0,
    Int32Array.from(filled, ({ i }) => i),
    Int32Array.from(filled, ({ j }) => j),
    Float32Array.from(filled, ({ value }) => value),
  );
}

/** Rows of a matrix as lists. */
export const rowsOf = ({ rows, cols, indptr, indices, values }: CsrMatrix): number[][] =>
  Array.from({ length: rows }, (_, row) => {
    const list = new Array<number>(cols).fill(0);
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) list[indices[p]!] = values[p]!;
    return list;
  });

export const sideOf = (rows: readonly (readonly number[])[], targets: readonly number[]): TrialSide => ({
  matrix: matrixOf(rows),
  targets: Int32Array.from(targets),
});

/** Guesses the class with the greater weight among rows of its sign; with feature 0 negative or positive. */
export const signVote: TrialLearner = {
  name: 'sign_vote',
  family: 'votes',
  fit: ({ matrix, targets }, outputs, weights) => {
    const votes = new Float64Array(2 * outputs);
    rowsOf(matrix).forEach(
      ([x = 0], row) => (votes[Number(x > 0) * outputs + targets[row]!]! += weights[row]!),
    );
    return Promise.resolve((others) =>
      Float64Array.from(
        rowsOf(others).flatMap(([x = 0]) => {
          const own = [...votes.subarray(Number(x > 0) * outputs, (Number(x > 0) + 1) * outputs)];
          const total = own.reduce((sum, vote) => sum + vote, 0);
          return own.map((vote) => Math.log((vote + 1) / (total + outputs)));
        }),
      ),
    );
  },
};

/** Two classes told apart by the sign of feature 0; some training labels are wrong. */
export function signTrial(n: number, noisy: readonly number[]): Trial {
  const random = seeded(n, 'toy');
  const side = (rows: number): TrialSide => {
    const targets = Array.from({ length: rows }, (_, row) => row % 2);
    const points = targets.map((target) => [(2 * target - 1) * (0.5 + random.next()), random.normal()]);
    return sideOf(points, targets);
  };
  const train = side(n);
  return {
    outputs: 2,
    train: {
      ...train,
      targets: train.targets.map((target, row) => (noisy.includes(row) ? 1 - target : target)),
    },
    validation: side(20),
    test: side(20),
    noisy: Int32Array.from(noisy),
  };
}
