import { z } from 'zod';
import { ridgeLeaveOneOut } from '../../../core/importance/ridge.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { matrixOf } from './matrices.js';

const Numbers = z.array(z.number());
const Inputs = z.object({
  x_train: Rows,
  y_train: Numbers,
  x_test: Rows,
  y_test: Numbers,
  lam: z.number().positive(),
});

/** Closed-form leave-one-out of ridge regression. */
export const ridgeLoo: ReferenceFamily = {
  name: 'ridge_loo',
  read(given) {
    const { x_train, y_train, x_test, y_test, lam } = Inputs.parse(given);
    const test = { design: matrixOf(x_test), y: Float64Array.from(y_test) };
    const fit = ridgeLeaveOneOut(matrixOf(x_train), Float64Array.from(y_train), test, lam);
    const known: Record<string, unknown> = {
      w: fit.weights,
      leverage: fit.leverage,
      loo_residual: fit.residuals,
      press: fit.residuals.reduce((sum, residual) => sum + residual ** 2, 0),
      loo_value: fit.values,
      test_mse: fit.testError,
    };
    return (output) => known[output];
  },
};
