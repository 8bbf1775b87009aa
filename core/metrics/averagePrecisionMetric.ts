import { defineMetric } from './defineMetric.js';
import { averagePrecision } from './detection.js';
import { oneVsRest } from './oneVsRest.js';

/**
 * Average precision of class 1; with three classes or more the mean of each against the rest over the classes that are
 * present (scikit-learn's `average='macro'`). Where only one class is present, 1 if that class is asked for, else 0.
 */
export const averagePrecisionMetric = defineMetric({
  name: 'average_precision',
  range: [0, 1],
  higherIsBetter: true,
  compute(input, weights) {
    const positive = input.targets.some(
      (target, i) => weights[i]! > 0 && (input.outputs > 2 || target === 1),
    );
    return oneVsRest(input, weights, averagePrecision, positive ? 1 : 0);
  },
});
