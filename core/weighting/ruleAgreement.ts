import { z } from 'zod';
import { withLogits } from '../importance/evidence.js';
import { fitNoisePosterior } from './noiseModel.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  strength: z.number().positive().default(10).describe('rows that the prior of a rule counts for'),
});

/** What a rule is worth before any row is seen: it agrees with most right labels, and with few wrong ones. */
const PRIOR = { right: 0.9, wrong: 0.3 };

/**
 * The probability that the given label is right, knowing what people's rules say of it: the odds of `noise_posterior`
 * times how much oftener the rules that speak agree with right labels than with wrong ones. How often they do is
 * learned from the rows. Rules that speak of one row count as one: their log ratios are averaged, since rules of one
 * author are seldom independent.
 */
export const ruleAgreement: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'rule_agreement',
  paramsSchema,
  weights({ evidence }, { strength }) {
    const { logits, targets, outputs } = withLogits(evidence, 'rule_agreement');
    const { votes } = evidence;
    if (!votes) {
      throw new RangeError('rule_agreement: expected evidence.votes, what rules say of each label, got none');
    }
    const { posterior } = fitNoisePosterior(logits, targets, outputs);
    const ratios = votes.map((says) => logRatios(says, posterior, strength));
    return posterior.map((right, i) => {
      const speaking = votes.flatMap((says, j) => (says[i] === 0 ? [] : [ratios[j]!(says[i]!)]));
      if (speaking.length === 0) return right;
      const mean = speaking.reduce((sum, ratio) => sum + ratio, 0) / speaking.length;
      const bounded = Math.min(Math.max(right, 1e-9), 1 - 1e-9);
      const odds = (bounded / (1 - bounded)) * Math.exp(mean);
      return odds / (1 + odds);
    });
  },
};

/** ln P(what the rule says | right) / P(it | wrong), each shrunken to the prior. */
function logRatios(says: Int8Array, posterior: Float64Array, strength: number): (vote: number) => number {
  const share = (of: (right: number) => number, prior: number): number => {
    let [agrees, speaks] = [strength * prior, strength];
    says.forEach((vote, i) => {
      if (vote === 0) return;
      speaks += of(posterior[i]!);
      if (vote === 1) agrees += of(posterior[i]!);
    });
    return agrees / speaks;
  };
  const right = share((r) => r, PRIOR.right);
  const wrong = share((r) => 1 - r, PRIOR.wrong);
  return (vote) => (vote === 1 ? Math.log(right / wrong) : Math.log((1 - right) / (1 - wrong)));
}
