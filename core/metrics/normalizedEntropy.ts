import { defineMetric } from './defineMetric.js';
import { logLoss } from './logLoss.js';

/**
 * Normalised entropy: log-loss over that of always predicting the classes' shares; 1 where the model knows no more than
 * they say, and where only one class is there.
 *
 * @source He et al., Practical Lessons from Predicting Clicks on Ads at Facebook, ADKDD 2014
 */
export const normalizedEntropy = defineMetric({
  name: 'normalized_entropy',
  range: [0, Infinity],
  higherIsBetter: false,
  compute(input, weights) {
    const mass = new Float64Array(input.outputs);
    input.targets.forEach((target, i) => (mass[target]! += weights[i]!));
    const total = mass.reduce((sum, weight) => sum + weight, 0);
    const entropy = mass.reduce(
      (sum, weight) => (weight > 0 ? sum - (weight / total) * Math.log(weight / total) : sum),
      0,
    );
    return entropy > 0 ? logLoss.weighted.compute({ ...input, sampleWeights: weights }) / entropy : 1;
  },
});
