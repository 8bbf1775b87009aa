import { classCounts, classSums, type SelectionMethod } from './selection.js';

/**
 * χ² of a feature's sum in each class against what the sizes of the classes would give. Counts and TF-IDF values, never
 * negative ones.
 *
 * @source scikit-learn's sklearn.feature_selection.chi2
 */
export const chi2: SelectionMethod = {
  scores(input) {
    const { matrix, outputs } = input;
    const observed = classSums(input, (value) => value);
    const shares = classCounts(input).map((count) => count / matrix.rows);
    return Float64Array.from({ length: matrix.cols }, (_, feature) => {
      const own = observed.subarray(feature * outputs, (feature + 1) * outputs);
      const total = own.reduce((sum, value) => sum + value, 0);
      if (total === 0) return 0;
      return own.reduce((sum, value, k) => {
        const expected = shares[k]! * total;
        return expected > 0 ? sum + (value - expected) ** 2 / expected : sum;
      }, 0);
    });
  },
};
