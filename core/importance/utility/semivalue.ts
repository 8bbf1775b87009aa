import { membersOf, type Utility } from './utility.js';

/** Most points whose coalitions are all enumerated. */
const MOST_EXACT = 20;

/**
 * Weight of a marginal by the size of the coalition that the point joins, (n,), of one coalition of that size; with
 * C(n − 1, k) coalitions of each size k they sum to 1.
 */
export type SizeWeights = Float64Array;

/** All sizes alike: 1/(n·C(n − 1, k)), which is Beta(1, 1). @source Shapley 1953 */
export const shapleyWeights = (points: number): SizeWeights => betaWeights(points, 1, 1);

/** All coalitions alike: 2^−(n − 1). @source Banzhaf 1965; Wang & Jia, Data Banzhaf, AISTATS 2023 */
export const banzhafWeights = (points: number): SizeWeights =>
  new Float64Array(points).fill(2 ** -(points - 1));

/**
 * B(k + β, n − k − 1 + α)/B(α, β): α above β favours small coalitions.
 *
 * @source Kwon & Zou, Beta Shapley, AISTATS 2022, eq. 5
 */
export const betaWeights = (points: number, alpha: number, beta: number): SizeWeights =>
  Float64Array.from({ length: points }, (_, k) =>
    Math.exp(logBeta(k + beta, points - k - 1 + alpha) - logBeta(alpha, beta)),
  );

/**
 * How much a marginal counts in a random permutation, by the number of points before it, (n,): their mean is 1.
 *
 * @source Kwon & Zou 2022, eq. 6
 */
export const permutationWeights = (points: number, alpha: number, beta: number): Float64Array =>
  Float64Array.from({ length: points }, (_, k) => {
    const coalitions = logBinomial(points - 1, k);
    return points * Math.exp(coalitions + logBeta(k + beta, points - k - 1 + alpha) - logBeta(alpha, beta));
  });

/**
 * The semivalue of every point from all coalitions: Σ weight(|S|)·(U(S + i) − U(S)) over S without i.
 *
 * @returns values (n,)
 * @throws RangeError for more than 20 points
 */
export function exactSemivalues(table: Float64Array, weights: SizeWeights): Float64Array {
  const n = weights.length;
  if (table.length !== 2 ** n) throw new RangeError(`expected ${2 ** n} utilities, got ${table.length}`);
  const values = new Float64Array(n);
  for (let mask = 0; mask < table.length; mask++) {
    const weight = weights[bitCount(mask)];
    for (let i = 0; i < n; i++) {
      if (((mask >> i) & 1) === 1) continue;
      values[i]! += weight! * (table[mask | (1 << i)]! - table[mask]!);
    }
  }
  return values;
}

/**
 * Utility of every coalition, (2^n,); bit i of the place says whether point i is in it.
 *
 * @throws RangeError for more than 20 points
 */
export function utilityTable(utility: Utility): Float64Array {
  const { points } = utility;
  if (points > MOST_EXACT) {
    throw new RangeError(
      `expected at most ${MOST_EXACT} points to enumerate all coalitions of, got ${points}`,
    );
  }
  return Float64Array.from({ length: 2 ** points }, (_, mask) => {
    const member = Uint8Array.from({ length: points }, (__, i) => (mask >> i) & 1);
    return utility.value(membersOf(member));
  });
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);
const logBinomial = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360] as const;
const LARGE = 15;

/** ln Γ(x) for x > 0, to about 1e-15 of its size: Stirling's series, after the recurrence has made x large. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < LARGE) shift += Math.log(z++);
  let series = 0;
  let power = 1 / z;
  for (const term of STIRLING) {
    series += term * power;
    power /= z * z;
  }
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
