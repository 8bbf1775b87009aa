import { classCounts, classSums, type SelectionMethod } from './selection.js';

/**
 * Mutual information of a feature's presence and the class, in nats: how much seeing a word tells of the class.
 *
 * @source Cover & Thomas 2006, section 2.3; scikit-learn's mutual_info_classif of X ≠ 0 with discrete_features=True
 */
export const mutualInformation: SelectionMethod = {
  scores(input) {
    const { matrix, outputs } = input;
    const present = classSums(input, (value) => Number(value !== 0));
    const counts = classCounts(input);
    return Float64Array.from({ length: matrix.cols }, (_, feature) => {
      const own = present.subarray(feature * outputs, (feature + 1) * outputs);
      const total = own.reduce((sum, value) => sum + value, 0);
      let information = 0;
      own.forEach((joint, k) => {
        information += term(joint, total, counts[k]!, matrix.rows);
        information += term(counts[k]! - joint, matrix.rows - total, counts[k]!, matrix.rows);
      });
      return Math.max(0, information);
    });
  },
};

/** p(x, y)·ln(p(x, y) / p(x)p(y)) from counts. */
const term = (joint: number, x: number, y: number, n: number): number =>
  joint > 0 ? (joint / n) * Math.log((joint * n) / (x * y)) : 0;
