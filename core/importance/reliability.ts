/** What repeated cross-fits say of a list of scores. */
export interface ScoreReliability {
  readonly mean: Float64Array; // (n,), of each sample over the repetitions
  readonly deviation: Float64Array; // (n,), sample standard deviation over the repetitions
  /** Mean Spearman correlation of two repetitions, in [−1, 1]. */
  readonly rankStability: number;
  /** ρ: what a fresh mean of as many repetitions would correlate with this one (Spearman–Brown), in [0, 1]. */
  readonly reliability: number;
}

/**
 * How far scores can be trusted: cross-fit the evidence several times with other folds and seeds, score each time.
 *
 * @param repetitions two or more score lists (n,) in one row order
 * @throws RangeError for fewer than two, or of different lengths
 * @source Spearman 1910; Brown 1910 (reliability of a mean of repetitions)
 */
export function scoreReliability(repetitions: readonly Float64Array[]): ScoreReliability {
  const [first] = repetitions;
  const r = repetitions.length;
  if (!first || r < 2) throw new RangeError(`repetitions: expected two or more lists of scores, got ${r}`);
  const odd = repetitions.find((scores) => scores.length !== first.length);
  if (odd) throw new RangeError(`repetitions: expected ${first.length} scores in each, got ${odd.length}`);
  const mean = first.map((_, i) => repetitions.reduce((sum, scores) => sum + scores[i]!, 0) / r);
  const deviation = mean.map((center, i) =>
    Math.sqrt(repetitions.reduce((sum, scores) => sum + (scores[i]! - center) ** 2, 0) / (r - 1)),
  );
  const ranks = repetitions.map(meanRanks);
  let total = 0;
  for (let a = 0; a < r; a++) for (let b = 0; b < a; b++) total += correlation(ranks[a]!, ranks[b]!);
  const rankStability = total / ((r * (r - 1)) / 2);
  const positive = Math.max(rankStability, 0);
  return { mean, deviation, rankStability, reliability: (r * positive) / (1 + (r - 1) * positive) };
}

/** w' = 1 + ρ(w − 1): weights of mean 1 are drawn towards uniform as far as their scores are chance. */
export const shrinkByReliability = (weights: Float64Array, reliability: number): Float64Array =>
  weights.map((weight) => 1 + reliability * (weight - 1));

/** Spearman's rank correlation, equal values sharing their mean rank; 0 where one list is constant. */
export const spearman = (a: Float64Array, b: Float64Array): number => correlation(meanRanks(a), meanRanks(b));

function meanRanks(values: Float64Array): Float64Array {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let place = start; place < end; place++) ranks[order[place]!] = (start + 1 + end) / 2;
  }
  return ranks;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const center = (a.length + 1) / 2; // mean rank
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - center, b[i]! - center];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return squaresA > 0 && squaresB > 0 ? product / Math.sqrt(squaresA * squaresB) : 0;
}
