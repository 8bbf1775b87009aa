import { z } from 'zod';
import { vInformation } from '../../../core/importance/vInformation.js';
import { clip, effectiveSampleSize, rank, softmax, weigh } from '../../../core/weighting/index.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';

const Inputs = z.object({
  model_probs: Rows,
  null_probs: Rows,
  labels: z.array(z.number()),
  eps: z.number().positive(),
});

/** Pointwise V-information, its means, and the weights that policies make of it. */
export const pvi: ReferenceFamily = {
  name: 'pvi',
  read(given) {
    const { model_probs, null_probs, labels, eps } = Inputs.parse(given);
    const targets = Int32Array.from(labels);
    const outputs = model_probs[0]!.length;
    const logs = (rows: number[][]): Float64Array =>
      Float64Array.from(targets, (target, i) => Math.log(rows[i]![target]!));
    const bits = vInformation(logs(model_probs), logs(null_probs), targets, outputs, eps);
    const scores = bits.pointwise;
    const input = { evidence: { targets, outputs }, scores };
    const weights = {
      clip0_mean1: weigh(clip.weights(input, {})).weights,
      softmax_tau1_mean1: weigh(softmax.weights(input, { effectiveSampleSize: 0.7, temperature: 1 })).weights,
      rank_mean1: weigh(rank.weights(input, {})).weights,
    };
    const sum = scores.reduce((total, score) => total + score, 0);
    const known: Record<string, unknown> = {
      pvi: scores,
      v_information: bits.information,
      H_y: bits.entropy,
      H_y_given_x: bits.conditionalEntropy,
      per_class_v_information: bits.perClass,
      negative_count: scores.filter((score) => score < 0).length,
      weights,
      ess: Object.fromEntries(
        Object.entries(weights).map(([name, values]) => [name, effectiveSampleSize(values) * values.length]),
      ),
      naive_ig_over_sum: scores.map((score) => score / sum),
    };
    return (output) => known[output];
  },
};
