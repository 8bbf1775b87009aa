import { z } from 'zod';
import { classCounts, entropy, entropyRows, softmaxRows } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withLogits } from './evidence.js';
import { priorsByFold, smoothedShares } from './prior.js';

const paramsSchema = z.strictObject({
  smoothing: z.number().nonnegative().default(1).describe('added to the count of each class in H(y)'),
});

/**
 * The article's information gain taken literally: H(y) − P(y|x)·H(y|x) in bits, with H(y) the entropy of the smoothed
 * class prior outside the sample's fold, P(y|x) the probability of the given label and H(y|x) the entropy of the whole
 * prediction. A wrong label makes P(y|x) small and so the score *high*: it ranks mislabelled samples first, and weights
 * made of it harm. Offered for comparison; `pvi` is the reading of the formula that works.
 */
export const entropyIg: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'entropy_ig',
  paramsSchema,
  requires: ['outOfFoldLogits'],
  usesLabelSurprise: true,
  detectsLabelErrors: false,
  unit: 'bits',
  notes: {
    formula: 'H(y) − p(y|x)·H(y|x)',
    cost: 'the k fits of the out-of-fold evidence + O(n·K)',
    higherMeans: 'the model is sure of another label, or sure of none',
    use: 'for comparison only: it ranks wrong labels first',
    source: 'the formula taken literally',
  },
  estimate(evidence, { smoothing }) {
    const { targets, logits, outputs, folds } = withLogits(evidence, 'entropy_ig');
    const probabilities = softmaxRows(logits, outputs); // (n, K)
    const conditional = entropyRows(probabilities, outputs); // (n,), nats
    const overall = entropy(smoothedShares(classCounts(targets, outputs), smoothing));
    const byFold = new Map<number, number>();
    if (folds) {
      for (const [fold, prior] of priorsByFold({ targets, outputs, folds }, smoothing)) {
        byFold.set(fold, entropy(prior));
      }
    }
    return conditional.map((nats, i) => {
      const marginal = folds ? byFold.get(folds[i]!)! : overall;
      return (marginal - probabilities[i * outputs + targets[i]!]! * nats) / Math.LN2;
    });
  },
};
