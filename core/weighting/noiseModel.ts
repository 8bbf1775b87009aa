import { checkEvidence } from '../importance/evidence.js';

/** How long `fitNoisePosterior` goes on, and what it begins with. */
export interface NoiseFitOptions {
  /** Most steps of expectation-maximisation. @default 60 */
  readonly iterations?: number;
  /** Stops when no posterior moves by more than this on average. @default 1e-4 */
  readonly tolerance?: number;
  /** Pseudo-count of a class's row in the prior of the transition. @default 10 */
  readonly priorStrength?: number;
}

/** How labels were corrupted, as far as out-of-fold predictions tell. */
export interface NoiseFit {
  /** τ: true-class probabilities are softmax(logits / τ). */
  readonly temperature: number;
  /** P(given label | true class), (K, K) row-major, [true][given], rows sum to 1. */
  readonly transition: Float64Array;
  /** rᵢ: probability that the given label is right, (n,). */
  readonly posterior: Float64Array;
  /** η̂: estimated share of wrong labels. */
  readonly noiseRate: number;
  /** Steps taken. */
  readonly iterations: number;
}

/**
 * Fits a temperature τ and a row-stochastic transition T to out-of-fold logits by EM: the true class c has probability
 * p(c) = softmax(z/τ), the given label ỹ has T(c, ỹ), and rᵢ = p(ỹ)T(ỹ,ỹ) / Σ_c p(c)T(c,ỹ). Rows of T have a Dirichlet
 * prior of 10·T_η, T_η = (1 − η)I + η(1 − I)/(K − 1), η re-estimated at each step; τ takes one Newton step a step (the
 * objective is concave in 1/τ).
 *
 * Noise of a binary label near one half, or strongly one-sided noise, can't be told from a hard problem without
 * trusted labels: the rate is then underestimated.
 *
 * @param logits (n, K) row-major, out of fold
 * @param targets given class codes (n,)
 * @throws RangeError where shapes or codes don't fit, or a logit is NaN
 * @source Dawid & Skene 1979 (one annotator); Patrini et al., Making Deep Neural Networks Robust to Label Noise, CVPR 2017
 */
export function fitNoisePosterior(
  logits: Float64Array,
  targets: Int32Array,
  outputs: number,
  { iterations = 60, tolerance = 1e-4, priorStrength = 10 }: NoiseFitOptions = {},
): NoiseFit {
  checkEvidence({ targets, outputs, logits });
  if (outputs === 1 || targets.length === 0) return withoutNoise(targets.length, outputs);
  const offsets = belowRowMaximum(logits, outputs); // (n, K), at most 0
  let state: State = { inverse: 1, noiseRate: 0.1, given: transitionPrior(outputs, 0.1) };
  let posterior: Float64Array = new Float64Array(targets.length).fill(1);
  let step = 0;
  for (let moved = Infinity; step < iterations && moved > tolerance; step++) {
    const expected = expectation(offsets, targets, outputs, state);
    moved = meanDifference(posterior, expected.posterior);
    posterior = expected.posterior;
    state = maximise(expected, state, outputs, priorStrength);
  }
  posterior = expectation(offsets, targets, outputs, state).posterior;
  return {
    temperature: 1 / state.inverse,
    transition: transposed(state.given, outputs),
    posterior,
    noiseRate: 1 - mean(posterior),
    iterations: step,
  };
}

interface State {
  readonly inverse: number; // 1/τ
  readonly noiseRate: number; // η
  readonly given: Float64Array; // Tᵀ: (K, K), [given][true], so that a sample reads one row
}

interface Expectation {
  readonly posterior: Float64Array; // (n,)
  readonly counts: Float64Array; // (K, K), [given][true], expected
  readonly gradient: number; // of the expected log likelihood in 1/τ
  readonly curvature: number; // minus its second derivative
}

/** One pass over the samples: who is what with which probability, and where 1/τ should go. */
function expectation(offsets: Float64Array, targets: Int32Array, outputs: number, state: State): Expectation {
  const posterior = new Float64Array(targets.length);
  const counts = new Float64Array(outputs * outputs);
  const p = new Float64Array(outputs);
  let gradient = 0;
  let curvature = 0;
  for (let row = 0; row < targets.length; row++) {
    const start = row * outputs;
    const own = targets[row]! * outputs;
    let total = 0; // Σ exp
    let first = 0; // Σ exp · offset
    let second = 0; // Σ exp · offset²
    let joint = 0; // Σ_c exp · T(c, ỹ)
    let jointFirst = 0; // the same · offset
    for (let c = 0; c < outputs; c++) {
      const offset = offsets[start + c]!;
      const weight = Math.exp(offset * state.inverse);
      const q = weight * state.given[own + c]!;
      p[c] = q;
      total += weight;
      first += weight * offset;
      second += weight * offset * offset;
      joint += q;
      jointFirst += q * offset;
    }
    for (let c = 0; c < outputs; c++) counts[own + c]! += p[c]! / joint;
    posterior[row] = p[targets[row]!]! / joint;
    const average = first / total;
    gradient += jointFirst / joint - average;
    curvature += second / total - average * average;
  }
  return { posterior, counts, gradient, curvature };
}

/** New T, η and 1/τ; the step of 1/τ is at most a factor of two, and τ stays in [1/50, 50]. */
function maximise(expected: Expectation, state: State, outputs: number, priorStrength: number): State {
  const { counts, gradient, curvature, posterior } = expected;
  const noiseRate = Math.min(Math.max(1 - mean(posterior), 1e-3), (outputs - 1) / outputs);
  const given = transitionPrior(outputs, noiseRate);
  for (let c = 0; c < outputs; c++) {
    let total = 0;
    for (let j = 0; j < outputs; j++) {
      const cell = j * outputs + c;
      given[cell] = given[cell]! * priorStrength + counts[cell]!;
      total += given[cell]!;
    }
    for (let j = 0; j < outputs; j++) given[j * outputs + c]! /= total;
  }
  const newton = state.inverse + gradient / Math.max(curvature, 1e-12);
  const near = Math.min(Math.max(newton, state.inverse / 2), state.inverse * 2);
  return { inverse: Math.min(Math.max(near, 1 / 50), 50), noiseRate, given };
}

/** T_η, (K, K), symmetric. */
function transitionPrior(outputs: number, noiseRate: number): Float64Array {
  const prior = new Float64Array(outputs * outputs).fill(noiseRate / (outputs - 1));
  for (let k = 0; k < outputs; k++) prior[k * (outputs + 1)] = 1 - noiseRate;
  return prior;
}

/**
 * Each logit minus the largest of its row; at least −1e5, so that a probability of 0 stays a number.
 *
 * @throws RangeError where a row has no finite logit or a NaN
 */
function belowRowMaximum(logits: Float64Array, outputs: number): Float64Array {
  const offsets = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += outputs) {
    let highest = -Infinity;
    for (let c = 0; c < outputs; c++) highest = Math.max(highest, logits[start + c]!);
    if (!Number.isFinite(highest)) {
      throw new RangeError(`logits: expected finite numbers, got ${highest} in row ${start / outputs}`);
    }
    for (let c = 0; c < outputs; c++) offsets[start + c] = Math.max(logits[start + c]! - highest, -1e5);
  }
  return offsets;
}

function transposed(matrix: Float64Array, size: number): Float64Array {
  return matrix.map((_, i) => matrix[(i % size) * size + Math.floor(i / size)]!);
}

function withoutNoise(n: number, outputs: number): NoiseFit {
  return {
    temperature: 1,
    transition: transitionPrior(outputs, 0),
    posterior: new Float64Array(n).fill(1),
    noiseRate: 0,
    iterations: 0,
  };
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);

function meanDifference(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / Math.max(a.length, 1);
}
