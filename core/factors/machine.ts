import type { CsrMatrix } from '../../contracts/matrix.js';
import type { Random } from '../random.js';

/** Parameters of a factorisation machine over d features, vectors of k numbers. */
export interface Factors {
  readonly width: number; // k
  readonly intercept: Float64Array; // (1,)
  readonly weights: Float64Array; // (d,)
  readonly vectors: Float64Array; // (d, k)
}

/** Sums of squared gradients (AdaGrad), of the same shapes. */
export type Moments = Omit<Factors, 'width'>;

/** Rows to learn from. */
interface FactorRows {
  readonly matrix: CsrMatrix;
  readonly targets: Int32Array; // (n,), 0 or 1
  readonly sampleWeights: Float64Array; // (n,); 0 = the row is absent
}

interface Descent {
  readonly learningRate: number;
  readonly l2: number;
}

const START = 0.05; // standard deviation of the vectors at first
const TINY = 1e-8;

export const newFactors = (features: number, width: number, random: Random): Factors => ({
  width,
  intercept: new Float64Array(1),
  weights: new Float64Array(features),
  vectors: Float64Array.from({ length: features * width }, () => START * random.normal()),
});

export const newMoments = (features: number, width: number): Moments => ({
  intercept: new Float64Array(1),
  weights: new Float64Array(features),
  vectors: new Float64Array(features * width),
});

/**
 * Log-odds w₀ + Σ wⱼxⱼ + Σ_{j<l} ⟨vⱼ, vₗ⟩ xⱼxₗ, (n,), in time linear in the entries of a row.
 *
 * @source Rendle, Factorization Machines, ICDM 2010, lemma 3.1
 */
export function factorLogits(factors: Factors, matrix: CsrMatrix): Float64Array {
  const sums = new Float64Array(factors.width);
  return Float64Array.from({ length: matrix.rows }, (_, row) => rowLogit(factors, matrix, row, sums));
}

/** Leaves Σ vⱼxⱼ of the row in `sums`, (k,). */
function rowLogit(
  { width, intercept, weights, vectors }: Factors,
  { indptr, indices, values }: CsrMatrix,
  row: number,
  sums: Float64Array,
): number {
  sums.fill(0);
  let logit = intercept[0]!;
  let squares = 0;
  for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
    const feature = indices[at]!;
    const value = values[at]!;
    logit += weights[feature]! * value;
    for (let f = 0; f < width; f++) {
      const part = vectors[feature * width + f]! * value;
      sums[f]! += part;
      squares += part * part;
    }
  }
  let pairs = 0;
  for (let f = 0; f < width; f++) pairs += sums[f]! * sums[f]!;
  return logit + (pairs - squares) / 2;
}

/**
 * One pass of AdaGrad over the rows in the given order, changing factors and moments.
 *
 * @returns weighted mean log loss before each step, nats
 */
export function passOver(
  { matrix, targets, sampleWeights }: FactorRows,
  order: Int32Array,
  factors: Factors,
  moments: Moments,
  descent: Descent,
): number {
  const sums = new Float64Array(factors.width);
  let loss = 0;
  let mass = 0;
  for (const row of order) {
    const weight = sampleWeights[row]!;
    if (weight === 0) continue;
    const logit = rowLogit(factors, matrix, row, sums);
    const signed = targets[row] === 1 ? -logit : logit;
    loss += weight * (Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed))));
    mass += weight;
    const slope = weight * (1 / (1 + Math.exp(-logit)) - targets[row]!);
    step(factors.intercept, moments.intercept, 0, slope, descent.learningRate);
    descend(matrix, row, slope, weight, sums, factors, moments, descent);
  }
  return mass > 0 ? loss / mass : 0;
}

function descend(
  { indptr, indices, values }: CsrMatrix,
  row: number,
  slope: number,
  weight: number,
  sums: Float64Array,
  { width, weights, vectors }: Factors,
  moments: Moments,
  { learningRate, l2 }: Descent,
): void {
  for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
    const feature = indices[at]!;
    const value = values[at]!;
    const pull = weight * l2;
    step(weights, moments.weights, feature, slope * value + pull * weights[feature]!, learningRate);
    for (let f = 0; f < width; f++) {
      const place = feature * width + f;
      const own = vectors[place]!;
      const gradient = slope * value * (sums[f]! - own * value) + pull * own;
      step(vectors, moments.vectors, place, gradient, learningRate);
    }
  }
}

function step(
  parameters: Float64Array,
  moments: Float64Array,
  at: number,
  gradient: number,
  rate: number,
): void {
  moments[at]! += gradient * gradient;
  parameters[at]! -= (rate * gradient) / (Math.sqrt(moments[at]!) + TINY);
}
