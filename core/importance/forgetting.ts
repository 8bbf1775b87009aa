import { z } from 'zod';
import { correctByEpoch, type LabelledDynamics } from './dynamics.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({});

/** How a sample was learned. All (n,). */
export interface Forgetting {
  readonly events: Int32Array; // epochs after which a right answer became wrong
  readonly firstLearned: Int32Array; // epoch of the first right answer; −1: never
}

/**
 * Minus the number of times that a right answer became wrong from one epoch to the next. A sample that was never right
 * counts as −T, below any that was (the paper says infinite).
 *
 * @source Toneva et al., An Empirical Study of Example Forgetting during Deep Neural Network Learning, ICLR 2019
 */
export const forgetting: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'forgetting',
  paramsSchema,
  requires: ['trainingDynamics'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'events',
  notes: {
    formula: '−#{t: right at t, wrong at t + 1}; −T where never right',
    cost: '1 fit that logs its logits + O(T·n·K)',
    higherMeans: 'learned once and kept',
    use: 'what can be pruned: a sample that is never forgotten is easy; coarse, with many ties',
    source: 'Toneva et al., ICLR 2019',
  },
  estimate(evidence) {
    const { dynamics, targets, outputs } = withEvidence(evidence, 'forgetting', ['trainingDynamics']);
    const { events, firstLearned } = forgettingEvents({ ...dynamics, targets, outputs });
    return Float64Array.from(events, (count, row) => (firstLearned[row]! < 0 ? -dynamics.epochs : 0 - count));
  },
};

/** Forgetting events and first right answers. */
export function forgettingEvents(dynamics: LabelledDynamics): Forgetting {
  const correct = correctByEpoch(dynamics); // (T, n)
  const n = dynamics.targets.length;
  const events = new Int32Array(n);
  const firstLearned = new Int32Array(n).fill(-1);
  for (let at = 0; at < correct.length; at++) {
    const row = at % n;
    if (correct[at] === 1 && firstLearned[row]! < 0) firstLearned[row] = Math.floor(at / n);
    if (correct[at] === 1 && correct[at + n] === 0) events[row]!++;
  }
  return { events, firstLearned };
}
