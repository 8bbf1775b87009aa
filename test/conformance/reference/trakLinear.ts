import { z } from 'zod';
import type { DenseMatrix } from '../../../contracts/matrix.js';
import { meanDoubt, trakScores, type TrakModel } from '../../../core/importance/trak.js';
import { dot, rowOf } from '../../../core/matrix/dense.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { matrixOf } from './matrices.js';
import { toRows } from './rows.js';

const Numbers = z.array(z.number());
const Inputs = z.object({
  x_train: Rows,
  y_train: Numbers,
  x_test: Rows,
  y_test: Numbers,
  projection: Rows,
  models: z.array(Numbers),
});

/** Rᵀ·(s x), the projected gradient of ln(p/(1 − p)) = s x·w of a binary model without intercept, (n, k). */
function projectedGradients(x: DenseMatrix, y: readonly number[], projection: DenseMatrix): DenseMatrix {
  const values = new Float64Array(x.rows * projection.cols);
  for (let i = 0; i < x.rows; i++) {
    const sign = y[i] === 1 ? 1 : -1;
    rowOf(x, i).forEach((value, j) =>
      rowOf(projection, j).forEach((r, k) => (values[i * projection.cols + k]! += sign * value * r)),
    );
  }
  return { rows: x.rows, cols: projection.cols, values };
}

/** TRAK of binary linear models with a given projection. */
export const trakLinear: ReferenceFamily = {
  name: 'trak_linear',
  read(given) {
    const { x_train, y_train, x_test, y_test, projection, models } = Inputs.parse(given);
    const x = matrixOf(x_train);
    const train = projectedGradients(x, y_train, matrixOf(projection));
    const test = projectedGradients(matrixOf(x_test), y_test, matrixOf(projection));
    const fitted = models.map((w): TrakModel => {
      const margin = (i: number): number =>
        (y_train[i] === 1 ? 1 : -1) * dot(rowOf(x, i), Float64Array.from(w));
      return { train, test, doubt: Float64Array.from(y_train, (_, i) => 1 / (1 + Math.exp(margin(i)))) };
    });
    const known: Record<string, () => unknown> = {
      scores: () => toRows(trakScores(fitted), x_test.length),
      Q: () => meanDoubt(fitted),
    };
    return (output) => known[output]?.();
  },
};
