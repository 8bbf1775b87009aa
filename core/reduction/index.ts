import type { ReduceStep } from '../../contracts/featureSettings.js';
import { discriminant } from './discriminant.js';
import { pca } from './pca.js';
import type { Projection, ReductionInput } from './reduction.js';
import { truncatedSvd } from './truncatedSvd.js';

/** Learns the projection that a step of `features.reduce` asks for. @throws DataError where these rows don't allow it */
export function fitProjection(input: ReductionInput, step: ReduceStep): Projection {
  switch (step.method) {
    case 'svd':
      return truncatedSvd.fit(input, step);
    case 'pca':
      return pca.fit(input, step);
    case 'lda':
      return discriminant.fit(input, step);
  }
}
