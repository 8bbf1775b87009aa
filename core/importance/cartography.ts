import { z } from 'zod';
import { correctByEpoch, forEachLogits, probabilitiesAt, type LabelledDynamics } from './dynamics.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({
  by: z
    .enum(['confidence', 'variability', 'correctness'])
    .default('confidence')
    .describe('coordinate of the map that scores; variability ranks ambiguous samples high'),
});

/** Where each sample lies on the map. All (n,), in [0, 1]; variability at most ½. */
export interface DataMap {
  readonly confidence: Float64Array;
  readonly variability: Float64Array;
  readonly correctness: Float64Array;
}

/**
 * Mean over epochs of the probability of the given label (confidence), its population standard deviation (variability),
 * or the share of epochs in which it was predicted (correctness).
 *
 * @source Swayamdipta et al., Dataset Cartography, EMNLP 2020
 */
export const cartography: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'cartography',
  paramsSchema,
  requires: ['trainingDynamics'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'probability',
  notes: {
    formula: 'mean (or standard deviation) over epochs of p_t(y|x); share of epochs with the right class',
    cost: '1 fit that logs its logits + O(T·n·K)',
    higherMeans: 'easy to learn; by variability: ambiguous',
    use: 'a map of easy, ambiguous and hard samples from one run',
    source: 'Swayamdipta et al., EMNLP 2020',
  },
  estimate(evidence, { by }) {
    const { dynamics, targets, outputs } = withEvidence(evidence, 'cartography', ['trainingDynamics']);
    return dataMap({ ...dynamics, targets, outputs })[by];
  },
};

/** The three coordinates of every sample; 0 without an epoch. */
export function dataMap(dynamics: LabelledDynamics): DataMap {
  const { epochs, targets, outputs } = dynamics;
  const n = targets.length;
  const own = new Float64Array(epochs * n); // (T, n)
  const p = new Float64Array(outputs);
  forEachLogits(dynamics, (epoch, row, start) => {
    probabilitiesAt(dynamics, start, p);
    own[epoch * n + row] = p[targets[row]!]!;
  });
  const confidence = meanOverEpochs(own, epochs, n);
  const squares = own.map((value, at) => (value - confidence[at % n]!) ** 2);
  return {
    confidence,
    variability: meanOverEpochs(squares, epochs, n).map(Math.sqrt),
    correctness: meanOverEpochs(correctByEpoch(dynamics), epochs, n),
  };
}

/** Mean of each column of (T, n). */
export function meanOverEpochs(values: ArrayLike<number>, epochs: number, n: number): Float64Array {
  const means = new Float64Array(n);
  for (let at = 0; at < epochs * n; at++) means[at % n]! += values[at]! / epochs;
  return means;
}
