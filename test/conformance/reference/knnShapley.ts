import { z } from 'zod';
import { knnShapley as knnShapleyValues, type Labelled } from '../../../core/importance/knn/shapley.js';
import { flat, Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';

const Inputs = z.object({
  x_train: Rows,
  y_train: z.array(z.int()),
  x_test: Rows,
  y_test: z.array(z.int()),
  ks: z.array(z.int().positive()),
});
const BruteForce = z.object({ k: z.int().positive(), n_train: z.int(), n_test: z.int() });

/** KNN-Shapley for several numbers of neighbours, its sums, and values of the first rows from all their coalitions. */
export const knnShapley: ReferenceFamily = {
  name: 'knn_shapley',
  read(given, outputs) {
    const inputs = Inputs.parse(given);
    const labelled = (rows: number[][], targets: number[]): Labelled => ({
      matrix: { rows: rows.length, cols: rows[0]!.length, values: flat(rows) },
      targets: Int32Array.from(targets),
    });
    const valuesOf = (k: number, n = inputs.y_train.length, m = inputs.y_test.length): Float64Array =>
      knnShapleyValues(
        labelled(inputs.x_train.slice(0, n), inputs.y_train.slice(0, n)),
        labelled(inputs.x_test.slice(0, m), inputs.y_test.slice(0, m)),
        k,
      );
    const byK = (of: (values: Float64Array) => unknown): unknown =>
      Object.fromEntries(inputs.ks.map((k) => [k, of(valuesOf(k))]));
    const known: Record<string, () => unknown> = {
      values_by_k: () => byK((values) => values),
      sum_check: () => byK((values) => values.reduce((sum, value) => sum + value, 0)),
      brute_force_n8() {
        const { k, n_train, n_test } = BruteForce.parse(outputs['brute_force_n8']);
        return { k, n_train, n_test, values: valuesOf(k, n_train, n_test) };
      },
    };
    return (output) => known[output]?.();
  },
};
