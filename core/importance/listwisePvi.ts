import { z } from 'zod';
import { softmaxRows } from '../probability.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';

const paramsSchema = z.strictObject({
  grades: z
    .array(z.number().nonnegative())
    .optional()
    .describe('grade of each class, in order of class codes; by default the code itself'),
  scale: z
    .number()
    .positive()
    .optional()
    .describe('a, bits of certainty a unit of score; by default the likeliest one'),
});

/** A pair of items of one query whose grades differ. */
interface Pair {
  readonly better: number;
  readonly worse: number;
  readonly swap: number; // |ΔNDCG| of changing their places
}

/**
 * Listwise V-information of an item, in bits, at most 1: the mean over the items of its query of another grade, weighted
 * by |ΔNDCG| of swapping the two, of 1 + log₂ σ(a·(s_better − s_worse)). 1 where the model is sure of every pair, 0 where
 * it doesn't know, below 0 where it would order them the other way. The score s is the expected gain 2^grade − 1. An
 * item without a partner of another grade scores 0. Groups are queries.
 *
 * @source this project; ΔNDCG after Burges, From RankNet to LambdaRank to LambdaMART, 2010
 */
export const listwisePvi: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'listwise_pvi',
  paramsSchema,
  requires: ['outOfFoldLogits', 'groups'],
  usesLabelSurprise: true,
  detectsLabelErrors: false,
  unit: 'bits',
  notes: {
    formula: 'Σ_j |ΔNDCG_ij|(1 + log₂ σ(a·sgn(g_i − g_j)(s_i − s_j))) / Σ_j |ΔNDCG_ij|',
    cost: 'the k fits of the out-of-fold evidence + O(Σ items of a query²)',
    higherMeans: 'the model orders it rightly against its query',
    use: 'grades shuffled inside a query; poor for independent label errors',
    source: 'this project; Burges 2010 for |ΔNDCG|',
  },
  estimate(evidence, { grades, scale }) {
    const kinds = ['outOfFoldLogits', 'groups'] as const;
    const { targets, outputs, logits, groups } = withEvidence(evidence, 'listwise_pvi', kinds);
    if (grades && grades.length !== outputs) {
      throw new RangeError(
        `listwise_pvi: expected a grade for each of ${outputs} classes, got ${grades.length}`,
      );
    }
    const gainOf = Array.from({ length: outputs }, (_, code) => 2 ** (grades?.[code] ?? code) - 1);
    const scores = expectedGains(softmaxRows(logits, outputs), gainOf);
    const pairs = discordantPairs(
      Float64Array.from(targets, (code) => gainOf[code]!),
      scores,
      groups,
    );
    const a = scale ?? likeliestScale(pairs, scores);
    const bits = new Float64Array(targets.length);
    const masses = new Float64Array(targets.length);
    for (const { better, worse, swap } of pairs) {
      const value = swap * pairBits(a * (scores[better]! - scores[worse]!));
      for (const row of [better, worse]) {
        bits[row]! += value;
        masses[row]! += swap;
      }
    }
    return bits.map((sum, row) => (masses[row]! > 0 ? sum / masses[row]! : 0));
  },
};

/** 1 + log₂ σ(z), not below −60. */
const pairBits = (z: number): number =>
  Math.max(1 - (Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z)))) / Math.LN2, -60);

function expectedGains(probabilities: Float64Array, gainOf: readonly number[]): Float64Array {
  const gains = new Float64Array(probabilities.length / gainOf.length);
  probabilities.forEach((p, at) => {
    gains[Math.floor(at / gainOf.length)]! += p * gainOf[at % gainOf.length]!;
  });
  return gains;
}

/** All pairs of different gain inside a query; the places are those of the scores, highest first. */
function discordantPairs(gains: Float64Array, scores: Float64Array, groups: Int32Array): Pair[] {
  const queries = new Map<number, number[]>();
  groups.forEach((query, row) => {
    const rows = queries.get(query);
    if (rows) rows.push(row);
    else queries.set(query, [row]);
  });
  const pairs: Pair[] = [];
  for (const rows of queries.values()) {
    const ideal = rows
      .map((row) => gains[row]!)
      .sort((a, b) => b - a)
      .reduce((sum, gain, place) => sum + gain * discount(place), 0);
    if (!(ideal > 0)) continue;
    const ranked = rows.toSorted((a, b) => scores[b]! - scores[a]!);
    ranked.forEach((i, place) => {
      for (let other = 0; other < place; other++) {
        const j = ranked[other]!;
        const difference = gains[i]! - gains[j]!;
        if (difference === 0) continue;
        const swap = (Math.abs(difference) * (discount(other) - discount(place))) / ideal;
        pairs.push({ better: difference > 0 ? i : j, worse: difference > 0 ? j : i, swap });
      }
    });
  }
  return pairs;
}

const discount = (place: number): number => 1 / Math.log2(place + 2);

/** The scale of the largest weighted likelihood of the pairs, in [1e-3, 1e3]: golden-section search on its logarithm. */
function likeliestScale(pairs: readonly Pair[], scores: Float64Array): number {
  const likelihood = (log: number): number => {
    const a = Math.exp(log);
    return pairs.reduce(
      (sum, { better, worse, swap }) => sum + swap * pairBits(a * (scores[better]! - scores[worse]!)),
      0,
    );
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(1e-3), Math.log(1e3)];
  for (let step = 0; step < 40; step++) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (likelihood(left) < likelihood(right)) low = left;
    else high = right;
  }
  return Math.exp((low + high) / 2);
}
