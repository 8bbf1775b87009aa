import { classCounts } from '../probability.js';

/** What the calibrated confident joint says of the noise. Matrices are (K, K) row-major. */
export interface NoiseMatrices {
  readonly joint: Float64Array; // P(given, true), [given][true]
  readonly prior: Float64Array; // P(true), (K,)
  readonly noise: Float64Array; // P(given | true), [given][true]: columns sum to 1
  readonly inverse: Float64Array; // P(true | given), [true][given]: columns sum to 1
}

/**
 * The latent distribution of labels that a calibrated confident joint stands for.
 *
 * @param calibrated (K, K), [given][true], integers
 * @source Northcutt et al. 2021, section 3.1; cleanlab 2.9 `estimate_joint`, `estimate_latent` (py_method='cnt')
 */
export function noiseMatrices(calibrated: Float64Array, targets: Int32Array, outputs: number): NoiseMatrices {
  const given = new Float64Array(outputs); // row sums
  const trueCounts = new Float64Array(outputs); // column sums
  let total = 0;
  calibrated.forEach((count, cell) => {
    given[Math.floor(cell / outputs)]! += count;
    trueCounts[cell % outputs]! += count;
    total += count;
  });
  const raw = calibrated.map((count, cell) => count / floor(trueCounts[cell % outputs]!));
  const turned = calibrated.map((_, cell) => {
    const [c, g] = [Math.floor(cell / outputs), cell % outputs];
    return calibrated[g * outputs + c]! / floor(given[g]!);
  });
  const shares = classCounts(targets, outputs).map((count) => count / targets.length);
  const prior = shares.map((share, k) => {
    const diagonal = k * (outputs + 1);
    return clamp((turned[diagonal]! / floor(raw[diagonal]!)) * share, 1e-6, 1);
  });
  const mass = floor(prior.reduce((sum, p) => sum + p, 0));
  return {
    joint: calibrated.map((count) => count / floor(total)),
    prior: prior.map((p) => p / mass),
    noise: clipNoiseRates(raw, outputs),
    inverse: clipNoiseRates(turned, outputs),
  };
}

/** No rate off the diagonal is above 0.9999; columns are brought to sum 1. */
function clipNoiseRates(matrix: Float64Array, outputs: number): Float64Array {
  const clipped = matrix.map((rate, cell) => (cell % (outputs + 1) === 0 ? rate : clamp(rate, 0, 0.9999)));
  const sums = new Float64Array(outputs);
  clipped.forEach((rate, cell) => (sums[cell % outputs]! += rate));
  return clipped.map((rate, cell) => rate / floor(sums[cell % outputs]!));
}

const floor = (value: number): number => Math.max(value, 1e-100);
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
