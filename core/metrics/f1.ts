import { averagedMetric } from './averages.js';

/** Mean F1 over the classes that are true or predicted anywhere; scikit-learn's `f1_macro`. */
export const f1Macro = averagedMetric('f1', 'macro');

/** Mean F1 over classes by their support; scikit-learn's `f1_weighted`, no sample weights in it. */
export const f1Weighted = averagedMetric('f1', 'weighted');

/** F1 of the counts of all classes together; scikit-learn's `f1_micro`. */
export const f1Micro = averagedMetric('f1', 'micro');
