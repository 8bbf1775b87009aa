import { averagedMetric } from './averages.js';

/** Mean recall over the classes that are true or predicted anywhere; scikit-learn's `recall_macro`. */
export const recallMacro = averagedMetric('recall', 'macro');

/** Mean recall over classes by their support; scikit-learn's `recall_weighted`, no sample weights in it. */
export const recallWeighted = averagedMetric('recall', 'weighted');

/** Recall of the counts of all classes together; scikit-learn's `recall_micro`. */
export const recallMicro = averagedMetric('recall', 'micro');
