import { z } from 'zod';
import type { Random } from '../random.js';
import { quantile } from '../statistics/bootstrap.js';
import { forEachLogits, type LabelledDynamics } from './dynamics.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({
  percentile: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.99)
    .describe('of the threshold samples: a sample below it is taken for mislabelled'),
});

/**
 * Area under the margin: mean over epochs of z[y] − max z[c≠y], in logits. With threshold samples among the evidence the
 * cut is taken off, so that scores below 0 are suspected label errors.
 *
 * @source Pleiss et al., Identifying Mislabeled Data using the Area Under the Margin Ranking, NeurIPS 2020
 */
export const aum: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'aum',
  paramsSchema,
  requires: ['trainingDynamics'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'logits',
  notes: {
    formula: 'mean over epochs of z[y] − max z[c≠y], less the cut of the threshold samples',
    cost: '1 fit that logs its logits (2 with threshold samples) + O(T·n·K)',
    higherMeans: 'the label wins from early on',
    use: 'networks: one run instead of k; a mislabelled sample is learned late and against the others',
    source: 'Pleiss et al., NeurIPS 2020',
  },
  estimate(evidence, { percentile }) {
    const { dynamics, targets, outputs } = withEvidence(evidence, 'aum', ['trainingDynamics']);
    const areas = areasUnderMargin({ ...dynamics, targets, outputs });
    const { thresholdSamples } = dynamics;
    if (!thresholdSamples || thresholdSamples.length === 0) return areas;
    const cut = thresholdCut(areas, thresholdSamples, percentile);
    return areas.map((area) => area - cut);
  },
};

/** Mean over epochs of the margin of the given class, (n,), in logits; 0 without an epoch or with one class. */
export function areasUnderMargin(dynamics: LabelledDynamics): Float64Array {
  const { epochs, logits, targets, outputs } = dynamics;
  const areas = new Float64Array(targets.length);
  if (outputs < 2) return areas;
  forEachLogits(dynamics, (_, row, start) => {
    const target = targets[row]!;
    let rival = -Infinity;
    for (let c = 0; c < outputs; c++) if (c !== target) rival = Math.max(rival, logits[start + c]!);
    areas[row]! += clamp(logits[start + target]! - rival) / epochs;
  });
  return areas;
}

/** The area that this share of the threshold samples is below. */
export function thresholdCut(areas: Float64Array, samples: Int32Array, percentile: number): number {
  return quantile(Float64Array.from(samples, (row) => areas[row]!).sort(), percentile);
}

/**
 * Gives n/(K + 1) random samples a class of their own, K, that nothing can be learned of: their areas show what a wrong
 * label looks like. To cover all samples, train twice with other threshold samples.
 *
 * @returns the targets to train with, over K + 1 classes
 */
export function plantThresholdSamples(
  targets: Int32Array,
  outputs: number,
  random: Random,
): { readonly targets: Int32Array; readonly outputs: number; readonly thresholdSamples: Int32Array } {
  const rows = random.shuffle(Int32Array.from(targets.keys()));
  const thresholdSamples = rows.slice(0, Math.floor(targets.length / (outputs + 1))).sort();
  const planted = targets.slice();
  for (const row of thresholdSamples) planted[row] = outputs;
  return { targets: planted, outputs: outputs + 1, thresholdSamples };
}

/** A logit of −∞ is a margin of −1e9. */
const clamp = (margin: number): number => Math.min(Math.max(margin, -1e9), 1e9);
