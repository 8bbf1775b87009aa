import { logSoftmaxRows } from '../probability.js';
import type { TrialLearner } from './trial.js';

/** Mean of the log-probabilities of several models, (n, K); with one model its own logits. */
export function meanLogProbabilities(logits: readonly Float64Array[], outputs: number): Float64Array {
  const [first, ...others] = logits;
  if (!first) throw new RangeError('blend: expected at least one model');
  if (others.length === 0) return first;
  const sum = new Float64Array(first.length);
  for (const own of logits) {
    logSoftmaxRows(own, outputs).forEach((value, at) => (sum[at]! += value / logits.length));
  }
  return sum;
}

/** Several learners as one, which predicts the mean of their log-probabilities. */
export const blended = (learners: readonly TrialLearner[]): TrialLearner => ({
  name: learners.map(({ name }) => name).join(' + '),
  family: 'blend',
  async fit(side, outputs, weights) {
    const predict: Awaited<ReturnType<TrialLearner['fit']>>[] = [];
    for (const learner of learners) predict.push(await learner.fit(side, outputs, weights));
    return (matrix) =>
      meanLogProbabilities(
        predict.map((one) => one(matrix)),
        outputs,
      );
  },
});
