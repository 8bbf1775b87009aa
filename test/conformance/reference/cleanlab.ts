import { z } from 'zod';
import {
  calibrateConfidentJoint,
  confidentJoint,
  confidentThresholds,
} from '../../../core/importance/confidentJoint.js';
import {
  countLabelIssues,
  findLabelIssues,
  LABEL_ISSUE_FILTERS,
  rankLabelIssues,
  type LabelIssueOptions,
} from '../../../core/importance/labelIssues.js';
import {
  adjustForThresholds,
  confidenceWeightedEntropies,
  normalizedMargins,
  selfConfidences,
} from '../../../core/importance/labelQuality.js';
import { noiseMatrices } from '../../../core/importance/noiseMatrices.js';
import { f1OfSets } from '../../../core/benchmark/detection.js';
import { flat, Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { rowsOf, toRows } from './rows.js';

const Inputs = z.object({
  labels: z.array(z.number()),
  pred_probs: Rows,
  noisy_indices: z.array(z.number()),
});
const Filter = z.enum(LABEL_ISSUE_FILTERS);

interface Samples {
  readonly probabilities: Float64Array;
  readonly targets: Int32Array;
  readonly outputs: number;
}

const SCORES = {
  self_confidence: selfConfidences,
  normalized_margin: normalizedMargins,
  confidence_weighted_entropy: confidenceWeightedEntropies,
};

/** Scores as `get_label_quality_scores(method=…, adjust_pred_probs=…)`: `method` or `method|adjust_pred_probs`. */
function scoresOf(name: string, { probabilities, targets, outputs }: Samples): Float64Array {
  const [method = '', adjusted] = name.split('|');
  const score =
    SCORES[z.enum(['self_confidence', 'normalized_margin', 'confidence_weighted_entropy']).parse(method)];
  const given = adjusted ? adjustForThresholds(probabilities, targets, outputs) : probabilities;
  return score(given, targets, outputs);
}

/** `issues_<option>_<value>|<filter>`. */
function optionsOf(output: string): LabelIssueOptions | undefined {
  const [, option, value, filter] = /^issues_(frac_noise|min_examples)_([\d.]+)\|(\w+)$/.exec(output) ?? [];
  if (option === undefined) return undefined;
  const filterBy = Filter.parse(filter);
  return option === 'frac_noise'
    ? { filterBy, fracNoise: Number(value) }
    : { filterBy, minExamplesPerClass: Number(value) };
}

function jointOutputs({ probabilities, targets, outputs }: Samples): Record<string, unknown> {
  const { counts, offDiagonal } = confidentJoint(probabilities, targets, outputs);
  const calibrated = calibrateConfidentJoint(counts, targets, outputs);
  const latent = noiseMatrices(calibrated, targets, outputs);
  return {
    confident_thresholds: confidentThresholds(probabilities, targets, outputs),
    confident_joint_uncalibrated: toRows(counts, outputs),
    confident_joint_calibrated: toRows(calibrated, outputs),
    off_diagonal_indices: offDiagonal,
    joint: toRows(latent.joint, outputs),
    latent_prior_py: latent.prior,
    noise_matrix: toRows(latent.noise, outputs),
    inverse_noise_matrix: toRows(latent.inverse, outputs),
    num_label_issues: {
      off_diagonal: countLabelIssues(probabilities, targets, outputs),
      off_diagonal_calibrated: countLabelIssues(probabilities, targets, outputs, true),
    },
  };
}

/** Thresholds, joints, label quality scores, label issues of every filter and their ranking: cleanlab's. */
export const cleanlab: ReferenceFamily = {
  name: 'cleanlab',
  read(given) {
    const { labels, pred_probs, noisy_indices } = Inputs.parse(given);
    const outputs = pred_probs[0]!.length;
    const samples = { probabilities: flat(pred_probs), targets: Int32Array.from(labels), outputs };
    const issues = (options: LabelIssueOptions): Uint8Array =>
      findLabelIssues(samples.probabilities, samples.targets, outputs, options);
    const fromJoint = jointOutputs(samples);
    const named = (keys: readonly string[], read: (key: string) => unknown): unknown =>
      Object.fromEntries(keys.map((key) => [key, read(key)]));
    return (output) => {
      if (output in fromJoint) return fromJoint[output];
      if (output === 'scores') {
        const methods = ['', '|adjust_pred_probs'].flatMap((end) =>
          Object.keys(SCORES).map((name) => name + end),
        );
        return named(methods, (name) => scoresOf(name, samples));
      }
      if (output === 'issues') {
        return named(LABEL_ISSUE_FILTERS, (filter) => rowsOf(issues({ filterBy: Filter.parse(filter) })));
      }
      if (output === 'ranked') {
        const keys = LABEL_ISSUE_FILTERS.flatMap((filter) =>
          Object.keys(SCORES).map((by) => `${filter}|${by}`),
        );
        return named(keys, (key) => {
          const [filter, by = ''] = key.split('|');
          return rankLabelIssues(issues({ filterBy: Filter.parse(filter) }), scoresOf(by, samples));
        });
      }
      if (output === 'sanity_f1_prune_by_noise_rate') return f1OfSets(rowsOf(issues({})), noisy_indices);
      const options = optionsOf(output);
      return options && rowsOf(issues(options));
    };
  },
};
