import { defineMetric } from './defineMetric.js';
import { rocAuc } from './detection.js';
import { oneVsRest } from './oneVsRest.js';

/**
 * Area under the ROC curve of class 1; with three classes or more the mean of each against the rest (scikit-learn's
 * `multi_class='ovr', average='macro'`) over the classes that are present. 0.5 where only one class is.
 */
export const rocAucMetric = defineMetric({
  name: 'roc_auc',
  range: [0, 1],
  higherIsBetter: true,
  compute: (input, weights) => oneVsRest(input, weights, rocAuc, 0.5),
});
