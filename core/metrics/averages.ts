import { argmaxRows } from '../probability.js';
import { type ClassFigures, confusion, perClass } from './confusion.js';
import { defineMetric, type MetricPair } from './defineMetric.js';

/**
 * Mean of a per-class figure over classes. `macro` counts every class alike, among those that are true or predicted
 * anywhere, as scikit-learn does; `weighted` counts by support.
 */
export function averagedMetric(
  figure: 'precision' | 'recall' | 'f1',
  average: 'macro' | 'weighted',
): MetricPair {
  return defineMetric({
    name: `${figure}_${average}`,
    range: [0, 1],
    higherIsBetter: true,
    compute({ targets, probabilities, outputs }, weights) {
      const counts = confusion(targets, argmaxRows(probabilities, outputs), outputs, weights);
      const classes = perClass(counts, outputs).filter((c) => c.support > 0 || c.predicted > 0);
      const share = (c: ClassFigures): number => (average === 'macro' ? 1 : c.support);
      const whole = classes.reduce((sum, c) => sum + share(c), 0);
      return classes.reduce((sum, c) => sum + share(c) * c[figure], 0) / whole;
    },
  });
}
