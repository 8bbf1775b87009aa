import { defineMetric } from './defineMetric.js';

/** Mean −ln p of the true class, nats; probabilities are kept 2.2e-16 away from 0 and 1, as scikit-learn does. */
export const logLoss = defineMetric({
  name: 'log_loss',
  range: [0, Infinity],
  higherIsBetter: false,
  compute({ targets, probabilities, outputs }, weights) {
    let sum = 0;
    let total = 0;
    targets.forEach((target, i) => {
      const p = probabilities[i * outputs + target]!;
      sum -= weights[i]! * Math.log(Math.min(Math.max(p, Number.EPSILON), 1 - Number.EPSILON));
      total += weights[i]!;
    });
    return sum / total;
  },
});
