import { defineMetric } from './defineMetric.js';
import { normalizedEntropy } from './normalizedEntropy.js';

/**
 * Relative information gain, 1 − normalised entropy: the share of the uncertainty about the target that the model takes
 * away; 0 for a model that knows no more than the classes' shares, below 0 for one that knows less.
 *
 * @source Yi et al., Predictive Model Performance: Offline and Online Evaluations, KDD 2013
 */
export const relativeInformation = defineMetric({
  name: 'relative_information',
  range: [-Infinity, 1],
  higherIsBetter: true,
  compute: (input, weights) => 1 - normalizedEntropy.weighted.compute({ ...input, sampleWeights: weights }),
});
