import { dot } from '../matrix/dense.js';
import { columnMeans, type Reduction } from './reduction.js';
import { leadingSubspace, type SubspaceSettings } from './subspace.js';

/** Principal components: the directions of most variance. Rows are centred as they are multiplied; X stays sparse. */
export const pca: Reduction<SubspaceSettings> = {
  method: 'pca',
  fit({ matrix, seed }, settings) {
    const means = columnMeans(matrix);
    const { singularValues, vectors } = leadingSubspace(matrix, means, settings, seed);
    return {
      vectors,
      offsets: Float64Array.from(vectors, (vector) => dot(means, vector)),
      scales: singularValues.map((value) => value ** 2 / Math.max(1, matrix.rows - 1)), // variance
    };
  },
};
