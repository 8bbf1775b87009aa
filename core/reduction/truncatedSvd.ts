import type { Reduction } from './reduction.js';
import { leadingSubspace, type SubspaceSettings } from './subspace.js';

/** Truncated singular value decomposition: XV, not centred, so that sparse rows stay cheap (latent semantic analysis). */
export const truncatedSvd: Reduction<SubspaceSettings> = {
  method: 'svd',
  fit({ matrix, seed }, settings) {
    const { singularValues, vectors } = leadingSubspace(matrix, undefined, settings, seed);
    return { vectors, offsets: new Float64Array(vectors.length), scales: singularValues };
  },
};
