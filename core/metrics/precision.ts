import { averagedMetric } from './averages.js';

/** Mean precision over the classes that are true or predicted anywhere; scikit-learn's `precision_macro`. */
export const precisionMacro = averagedMetric('precision', 'macro');

/** Mean precision over classes by their support; scikit-learn's `precision_weighted`, no sample weights in it. */
export const precisionWeighted = averagedMetric('precision', 'weighted');

/** Precision of the counts of all classes together; scikit-learn's `precision_micro`. */
export const precisionMicro = averagedMetric('precision', 'micro');
