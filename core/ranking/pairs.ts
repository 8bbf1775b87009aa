import type { Loss } from '../../contracts/model.js';

/** A loss over pairs of rows of one query. */
export type PairLoss = Exclude<Loss, { readonly kind: 'crossEntropy' }>;

/** Two rows of a query, the first of the higher grade. */
interface RankedPair {
  readonly better: number;
  readonly worse: number;
  readonly weight: number;
}

/** Rows of each query that has rows of different grades, queries as they first appear, rows in order. */
export function rankedQueries(queries: ArrayLike<number>, grades: ArrayLike<number>): Int32Array[] {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < queries.length; row++) {
    const held = rows.get(queries[row]!);
    if (held) held.push(row);
    else rows.set(queries[row]!, [row]);
  }
  return [...rows.values()]
    .filter((members) => members.some((row) => grades[row] !== grades[members[0]!]))
    .map((members) => Int32Array.from(members));
}

/**
 * Every pair of a query's rows whose grades differ. By `rankNet` a pair weighs 1; by `lambdaRank` |ΔNDCG| of changing
 * places under these scores, a place below the depth being worth nothing; pairs that are worth nothing are left out.
 * Times the mean sample weight of the two.
 *
 * @param rows of one query
 * @param scores (n,); ties keep the order of rows
 * @source Burges, From RankNet to LambdaRank to LambdaMART, 2010
 */
export function pairsOf(
  rows: Int32Array,
  grades: Int32Array,
  weights: Float64Array,
  scores: Float64Array,
  loss: PairLoss,
): RankedPair[] {
  const ranked = [...rows].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const swap = loss.kind === 'lambdaRank' ? swapWorth(rows, grades, loss.depth) : () => 1;
  const pairs: RankedPair[] = [];
  ranked.forEach((upper, place) => {
    for (let below = place + 1; below < ranked.length; below++) {
      const lower = ranked[below]!;
      const difference = grades[upper]! - grades[lower]!;
      if (difference === 0) continue;
      const worth = swap(grades[upper]!, grades[lower]!, place, below);
      const weight = (worth * (weights[upper]! + weights[lower]!)) / 2;
      if (weight === 0) continue;
      const [better, worse] = difference > 0 ? [upper, lower] : [lower, upper];
      pairs.push({ better, worse, weight });
    }
  });
  return pairs;
}

const gain = (grade: number): number => 2 ** grade - 1;

function swapWorth(rows: Int32Array, grades: Int32Array, depth: number) {
  const discount = (place: number): number => (place < depth ? 1 / Math.log2(place + 2) : 0);
  const ideal = Array.from(rows, (row) => gain(grades[row]!))
    .sort((a, b) => b - a)
    .reduce((sum, one, place) => sum + one * discount(place), 0);
  return (a: number, b: number, place: number, other: number): number =>
    (Math.abs(gain(a) - gain(b)) * Math.abs(discount(place) - discount(other))) / ideal;
}

/**
 * Gradient and hessian by row, (n, 2), of Σ w·ln(1 + exp(s_worse − s_better)) over all pairs. A query's pairs are scaled
 * by log₂(1 + Σλ)/Σλ, so that queries of many items do not drown the others.
 *
 * @source Ke et al., LightGBM, NeurIPS 2017: its `lambdarank_norm`
 */
export function pairDerivatives(
  queries: readonly Int32Array[],
  grades: Int32Array,
  weights: Float64Array,
  scores: Float64Array,
  loss: PairLoss,
  out: Float64Array,
): void {
  out.fill(0);
  for (let row = 0; row < grades.length; row++) out[2 * row + 1] = LEAST_HESSIAN;
  for (const rows of queries) {
    const pairs = pairsOf(rows, grades, weights, scores, loss);
    const pulls = pairs.map(
      ({ better, worse, weight }) => weight * sigmoid(scores[worse]! - scores[better]!),
    );
    const total = 2 * pulls.reduce((sum, pull) => sum + pull, 0);
    if (!(total > 0)) continue;
    const mean = rows.reduce((sum, row) => sum + weights[row]!, 0) / rows.length;
    const scale = (mean * Math.log2(1 + total / mean)) / total;
    pairs.forEach(({ better, worse, weight }, at) => {
      const pull = scale * pulls[at]!;
      const bend = pull * (1 - pulls[at]! / weight);
      out[2 * better]! -= pull;
      out[2 * worse]! += pull;
      out[2 * better + 1]! += bend;
      out[2 * worse + 1]! += bend;
    });
  }
}

const LEAST_HESSIAN = 1e-16;

const sigmoid = (z: number): number => (z > 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/**
 * Class logits (n × K) of scores that rank: z_k = ln(share of grade k) + s·k/(K − 1). Their expected gain rises with s, and
 * their softmax is an ordinal (adjacent-categories) model of the grades that nobody has calibrated.
 *
 * @param baseline (K,), of a score of 0
 */
export function gradeLogits(scores: Float64Array, baseline: Float64Array): Float64Array {
  const K = baseline.length;
  const logits = new Float64Array(scores.length * K);
  scores.forEach((score, i) => {
    for (let k = 0; k < K; k++) logits[i * K + k] = baseline[k]! + (score * k) / Math.max(1, K - 1);
  });
  return logits;
}

/** Logit of a grade that training never saw: its probability is about e⁻³⁰. */
const ABSENT = -30;

/** Logarithms of the weighted shares of the grades, (K,). */
export function gradeBaseline(grades: Int32Array, weights: Float64Array, outputs: number): Float64Array {
  const mass = new Float64Array(outputs);
  grades.forEach((grade, i) => (mass[grade]! += weights[i]!));
  const total = mass.reduce((sum, one) => sum + one, 0);
  return mass.map((one) => (one > 0 ? Math.log(one / total) : ABSENT));
}
