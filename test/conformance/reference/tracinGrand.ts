import { z } from 'zod';
import { gradientNorms } from '../../../core/importance/grand.js';
import { tracedInfluence, tracedSelfInfluence } from '../../../core/importance/tracin.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { featuresOf, fromColumns, matrixOf } from './matrices.js';

const Numbers = z.array(z.number());
const Inputs = z.object({
  x_train: Rows,
  y_train: Numbers,
  x_test: Rows,
  y_test: Numbers,
  checkpoints: z.array(z.object({ W: Rows, b: Numbers })),
  learning_rates: Numbers,
});

/** TracInCP and GraNd of a linear softmax model's checkpoints. */
export const tracinGrand: ReferenceFamily = {
  name: 'tracin_grand',
  read(given) {
    const { x_train, y_train, x_test, y_test, checkpoints, learning_rates } = Inputs.parse(given);
    const models = checkpoints.map(({ W, b }, t) => ({
      weights: matrixOf(W).values,
      intercept: Float64Array.from(b),
      learningRate: learning_rates[t]!,
    }));
    const side = (x: number[][], y: number[]) => ({ features: featuresOf(x), targets: Int32Array.from(y) });
    const train = side(x_train, y_train);
    const norms = models.map((model) => gradientNorms(model, train));
    const known: Record<string, () => unknown> = {
      tracin_cp: () =>
        fromColumns(x_test.map((x, j) => tracedInfluence(models, train, side([x], [y_test[j]!])))),
      tracin_mean_over_test: () => tracedInfluence(models, train, side(x_test, y_test)),
      self_influence: () => tracedSelfInfluence(models, train),
      grand_per_checkpoint: () => norms,
      grand_mean: () => y_train.map((_, i) => norms.reduce((sum, each) => sum + each[i]!, 0) / norms.length),
    };
    return (output) => known[output]?.();
  },
};
