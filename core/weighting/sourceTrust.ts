import { z } from 'zod';
import { withLogits } from '../importance/evidence.js';
import { logProbabilityOf } from '../probability.js';
import type { WeightingPolicy } from './policy.js';

const paramsSchema = z.strictObject({
  iterations: z.int().positive().default(200).describe('most rounds of expectation and maximisation'),
});

/** Rounds end when no probability moves by more. */
const SETTLED = 1e-6;
/** Samples of each class that are imagined of the careless, so that no class is impossible to them. */
const PRIOR_SAMPLES = 1;
/** The careless are a minority: otherwise the two kinds could change places. */
const MOST_CARELESS = 0.5;

/** Who of the sources answers as samples deserve, and what the others do. */
export interface TrustFit {
  readonly trust: Map<number, number>; // source → probability that its targets follow the features
  readonly careless: number; // estimated share of the sources that don't
  readonly carelessClasses: Float64Array; // (K,), how often those give each class, whatever the sample
}

/**
 * A mixture of two kinds of sources: those whose targets follow the predictions, and those (bots, click farms) that give
 * class c with chance q_c whatever they are shown. Fitted by expectation and maximisation over whole sources.
 *
 * @param logProbabilities (n,), of the given target, out of fold, nats
 */
export function fitSourceTrust(
  logProbabilities: Float64Array,
  targets: Int32Array,
  sources: Int32Array,
  outputs: number,
  iterations = 200,
): TrustFit {
  const { index, own, counts } = tally(logProbabilities, targets, sources, outputs);
  const size = own.length;
  let classes: Float64Array = new Float64Array(outputs).fill(1 / outputs);
  let careless = 0.1;
  let trust = new Float64Array(size).fill(1);
  for (let round = 0; round < iterations; round++) {
    const logs = classes.map(Math.log);
    const next = own.map((ownLog, s) => {
      let other = 0;
      for (let c = 0; c < outputs; c++) other += counts[s * outputs + c]! * logs[c]!;
      const difference = Math.log(careless) + other - Math.log1p(-careless) - ownLog;
      return 1 / (1 + Math.exp(difference));
    });
    const moved = next.reduce((most, value, s) => Math.max(most, Math.abs(value - trust[s]!)), 0);
    trust = next;
    classes = classesOfCareless(trust, counts, outputs);
    const mean = trust.reduce((sum, value) => sum + 1 - value, 0) / size;
    careless = Math.min(MOST_CARELESS, Math.max(mean, 1e-6));
    if (moved < SETTLED) break;
  }
  return {
    trust: new Map([...index].map(([source, s]) => [source, trust[s]!])),
    careless,
    carelessClasses: classes,
  };
}

/**
 * The probability that a sample's source (session, user, feed) behaves as the model expects of it: one weight for a whole
 * source, never for a single surprising sample, so that it is fit for clicks, which surprise without being wrong.
 */
export const sourceTrust: WeightingPolicy<z.infer<typeof paramsSchema>> = {
  name: 'source_trust',
  paramsSchema,
  allowsAleatoric: true,
  weights({ evidence }, { iterations }) {
    const { logits, targets, outputs } = withLogits(evidence, 'source_trust');
    const { sources } = evidence;
    if (!sources) {
      throw new RangeError('source_trust: expected evidence.sources, (n,), who gave each target, got none');
    }
    const logProbabilities = logProbabilityOf(targets, logits, outputs);
    const { trust } = fitSourceTrust(logProbabilities, targets, sources, outputs, iterations);
    return Float64Array.from(sources, (source) => trust.get(source)!);
  },
};

/** Of each source: Σ log-probabilities of its targets, (S,), and how often it gave each class, (S, K). */
function tally(
  logProbabilities: Float64Array,
  targets: Int32Array,
  sources: Int32Array,
  outputs: number,
): { index: Map<number, number>; own: Float64Array; counts: Float64Array } {
  const index = new Map<number, number>();
  for (const source of sources) if (!index.has(source)) index.set(source, index.size);
  const own = new Float64Array(index.size);
  const counts = new Float64Array(index.size * outputs);
  sources.forEach((source, i) => {
    const s = index.get(source)!;
    own[s]! += logProbabilities[i]!;
    counts[s * outputs + targets[i]!]! += 1;
  });
  return { index, own, counts };
}

function classesOfCareless(trust: Float64Array, counts: Float64Array, outputs: number): Float64Array {
  const mass = new Float64Array(outputs).fill(PRIOR_SAMPLES);
  trust.forEach((value, s) => {
    for (let c = 0; c < outputs; c++) mass[c]! += (1 - value) * counts[s * outputs + c]!;
  });
  const total = mass.reduce((sum, value) => sum + value, 0);
  return mass.map((value) => value / total);
}
