import { z } from 'zod';
import {
  fitExactLogistic,
  lossesOf,
  probabilitiesAt,
  widthOf,
  type ExactLogistic,
} from '../../../core/importance/exactLogistic.js';
import { fitInfluence, influenceOn, selfInfluences } from '../../../core/importance/influenceFunctions.js';
import { rowOf, withOnes } from '../../../core/matrix/dense.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { fromColumns, matrixOf } from './matrices.js';
import { toRows } from './rows.js';

const Numbers = z.array(z.number());
const Inputs = z.object({
  x_train: Rows,
  y_train: Numbers,
  x_test: Rows,
  y_test: Numbers,
  lam: z.number().positive(),
});

/** Change of the mean test loss when each sample's weight is 0, by refitting. */
function refitted(
  problem: ExactLogistic,
  test: ReturnType<typeof matrixOf>,
  codes: Int32Array,
): Float64Array {
  const width = widthOf(problem);
  const testLoss = (theta: Float64Array): number =>
    lossesOf(probabilitiesAt(test, theta, width), codes, width).reduce((sum, loss) => sum + loss, 0) /
    codes.length;
  const whole = fitExactLogistic(problem);
  const before = testLoss(whole);
  return Float64Array.from(problem.targets, (_, left) => {
    const sampleWeights = new Float64Array(problem.targets.length).fill(1);
    sampleWeights[left] = 0;
    return testLoss(fitExactLogistic({ ...problem, sampleWeights }, whole)) - before;
  });
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: Float64Array, y: Float64Array, mx: number, my: number): number =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}

/** Influence functions of exactly fitted logistic regressions, beside what refitting says. */
function familyOf(name: string): ReferenceFamily {
  return {
    name,
    read(given) {
      const { x_train, y_train, x_test, y_test, lam } = Inputs.parse(given);
      const targets = Int32Array.from(y_train);
      const codes = Int32Array.from(y_test);
      const outputs = Math.max(...y_train, ...y_test) + 1;
      const problem = { design: withOnes(matrixOf(x_train)), targets, outputs, l2: lam };
      const test = withOnes(matrixOf(x_test));
      const fitted = fitInfluence(problem);
      const predicted = (): Float64Array =>
        influenceOn(fitted, test, codes).map((value) => value / targets.length);
      let actual: Float64Array | undefined;
      const refit = (): Float64Array => (actual ??= refitted(problem, test, codes));
      const known: Record<string, () => unknown> = {
        theta: () => fitted.theta,
        hessian: () => toRows(fitted.hessian, fitted.theta.length),
        influence_up_loss: () =>
          fromColumns(
            y_test.map((y, j) => {
              const row = { rows: 1, cols: test.cols, values: rowOf(test, j) };
              return influenceOn(fitted, row, Int32Array.of(y)).map((value) => -value);
            }),
          ),
        self_influence: () => selfInfluences(fitted),
        predicted_loo_change: predicted,
        actual_loo_change: refit,
        corr: () => correlation(predicted(), refit()),
      };
      return (output) => known[output]?.();
    },
  };
}

export const influenceLogistic = familyOf('influence_logistic');
export const influenceSoftmax = familyOf('influence_softmax');
