import { argmaxRows } from '../probability.js';
import { defineMetric } from './defineMetric.js';

/** Share of samples whose most probable class is the true one. */
export const accuracy = defineMetric({
  name: 'accuracy',
  range: [0, 1],
  higherIsBetter: true,
  compute({ targets, probabilities, outputs }, weights) {
    const predicted = argmaxRows(probabilities, outputs);
    let right = 0;
    let total = 0;
    targets.forEach((target, i) => {
      total += weights[i]!;
      if (predicted[i] === target) right += weights[i]!;
    });
    return right / total;
  },
});
