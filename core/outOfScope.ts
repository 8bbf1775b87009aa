import type { ScopeReport } from '../contracts/summary.js';
import { averagePrecision, rocAuc } from './metrics/detection.js';
import { logSumExp, softmaxRows } from './probability.js';

/**
 * How far a row looks as if it belonged to one of the known classes; lower is more foreign.
 * `max_probability`: the largest class probability, in [1/K, 1]. `energy`: ln Σ e^z of the logits z, nats.
 *
 * @source Hendrycks & Gimpel, A Baseline for Detecting Misclassified and Out-of-Distribution Examples, ICLR 2017; Liu et al.,
 * Energy-based Out-of-distribution Detection, NeurIPS 2020
 */
export const SCOPE_SCORES = ['max_probability', 'energy'] as const;
export type ScopeScore = (typeof SCOPE_SCORES)[number];

/** Scores (n,) of logits (n × K, row-major). */
export function scopeScores(kind: ScopeScore, logits: Float64Array, outputs: number): Float64Array {
  const values = kind === 'energy' ? logits : softmaxRows(logits, outputs);
  const rows = logits.length / outputs;
  return Float64Array.from({ length: rows }, (_, row) => {
    if (kind === 'energy') return logSumExp(values, row * outputs, outputs);
    const own = values.subarray(row * outputs, (row + 1) * outputs);
    return own.reduce((most, value) => Math.max(most, value), 0);
  });
}

/**
 * The threshold at which a row counts as foreign (score below it): of all that split the rows differently, the one with
 * the highest balanced accuracy, that is the mean of the shares of foreign and of known rows that are told rightly. Few
 * foreign rows are enough, and their share among the rows does not matter.
 *
 * @param scores (n,), of rows that training never saw
 * @param foreign (n,), non-zero = belongs to no known class
 * @throws RangeError where either kind is missing
 */
export function scopeThreshold(scores: Float64Array, foreign: ArrayLike<number>): number {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const total = order.reduce((sum, row) => sum + (foreign[row] ? 1 : 0), 0);
  const known = scores.length - total;
  if (total === 0 || known === 0) {
    throw new RangeError(
      `out of scope: expected rows of known classes and foreign ones, got ${known} and ${total}`,
    );
  }
  let best = { gain: 0, threshold: -Infinity };
  let caught = 0;
  let lost = 0;
  order.forEach((row, place) => {
    if (foreign[row]) caught++;
    else lost++;
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[row]) return;
    const gain = caught / total - lost / known;
    const threshold = next === undefined ? Infinity : (scores[row]! + scores[next]!) / 2;
    if (gain > best.gain) best = { gain, threshold };
  });
  return best.threshold;
}

/** Judges a threshold on rows that it was not chosen by. */
export function judgeScope(
  score: ScopeScore,
  scores: Float64Array,
  foreign: ArrayLike<number>,
  threshold: number,
): ScopeReport {
  const positives = Uint8Array.from(scores, (_, row) => (foreign[row] ? 1 : 0));
  const strangeness = scores.map((value) => -value);
  const below = (kind: number): number =>
    scores.reduce((sum, value, row) => sum + Number(positives[row] === kind && value < threshold), 0);
  const total = positives.reduce((sum, one) => sum + one, 0);
  return {
    score,
    threshold,
    rocAuc: rocAuc(strangeness, positives),
    averagePrecision: averagePrecision(strangeness, positives),
    foreign: total,
    caught: below(1),
    known: scores.length - total,
    refused: below(0),
  };
}
