import { betaQuantile, logBeta } from '../statistics/beta.js';

/** What is known of one vendor, annotator, feed or session. */
export interface SourceRate {
  readonly source: number;
  readonly samples: number;
  readonly raw: number; // mean probability of a wrong label, unshrunk
  readonly rate: number; // shrunken towards all sources
  readonly interval: { readonly low: number; readonly high: number }; // 95%, of the posterior
}

/** Noise rates of all sources, the noisiest first; and the prior that they were drawn towards. */
export interface SourceNoise {
  readonly sources: readonly SourceRate[];
  readonly mean: number; // of the prior, in (0, 1)
  readonly strength: number; // α + β: how many samples the prior counts for
}

/**
 * Noise rate of each source of samples, by empirical Bayes: the count of wrong labels of a source is binomial, its rate is
 * drawn from Beta(α, β), and α, β are the likeliest for all sources together. A source of few samples is drawn to the mean,
 * one of many keeps its own rate; where the sources don't differ more than chance, all are nearly the mean.
 *
 * @param wrong probability that each sample's label is wrong, (n,), in [0, 1]: 1 − `noise_posterior`, or 0/1 verdicts
 * @param sources code of each sample's source, (n,)
 * @source Skellam 1948 (beta-binomial); Efron & Morris 1975 (shrinkage)
 */
export function sourceNoise(wrong: Float64Array, sources: Int32Array): SourceNoise {
  const tallies = new Map<number, { samples: number; wrong: number }>();
  sources.forEach((source, i) => {
    const tally = tallies.get(source) ?? { samples: 0, wrong: 0 };
    tallies.set(source, { samples: tally.samples + 1, wrong: tally.wrong + wrong[i]! });
  });
  const list = [...tallies].map(([source, tally]) => ({ source, ...tally }));
  const { mean, strength } = likeliestPrior(list);
  const rates = list.map(({ source, samples, wrong: count }): SourceRate => {
    const a = mean * strength + count;
    const b = (1 - mean) * strength + samples - count;
    return {
      source,
      samples,
      raw: count / samples,
      rate: a / (a + b),
      interval: { low: betaQuantile(0.025, a, b), high: betaQuantile(0.975, a, b) },
    };
  });
  return { sources: rates.sort((x, y) => y.rate - x.rate || x.source - y.source), mean, strength };
}

/** A rate for every sample: that of its source, (n,). */
export function noiseOfSamples({ sources }: SourceNoise, codes: Int32Array): Float64Array {
  const rateOf = new Map(sources.map(({ source, rate }) => [source, rate]));
  return Float64Array.from(codes, (code) => rateOf.get(code)!);
}

interface Tally {
  readonly samples: number;
  readonly wrong: number;
}

/** Mean and strength of the largest marginal likelihood; strengths from 1 to 10,000. Turns between the two searches. */
function likeliestPrior(tallies: readonly Tally[]): { mean: number; strength: number } {
  const samples = tallies.reduce((sum, tally) => sum + tally.samples, 0);
  const wrong = tallies.reduce((sum, tally) => sum + tally.wrong, 0);
  let mean = clamp((wrong + 0.5) / (samples + 1));
  let strength = 10;
  const likelihood = (m: number, s: number): number => {
    const [a, b] = [m * s, (1 - m) * s];
    const prior = logBeta(a, b);
    return tallies.reduce(
      (sum, tally) => sum + logBeta(a + tally.wrong, b + tally.samples - tally.wrong) - prior,
      0,
    );
  };
  for (let turn = 0; turn < 10; turn++) {
    const center = mean;
    strength = Math.exp(highest((log) => likelihood(center, Math.exp(log)), 0, Math.log(1e4)));
    const concentration = strength;
    const logit = highest((z) => likelihood(clamp(1 / (1 + Math.exp(-z))), concentration), -9, 9);
    const next = clamp(1 / (1 + Math.exp(-logit)));
    const moved = Math.abs(next - mean);
    mean = next;
    if (moved < 1e-6) break;
  }
  return { mean, strength };
}

const clamp = (rate: number): number => Math.min(Math.max(rate, 1e-4), 1 - 1e-4);

/** Where a function with one maximum is highest: golden-section search. */
function highest(of: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  while (high - low > 1e-6) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (of(left) < of(right)) low = left;
    else high = right;
  }
  return (low + high) / 2;
}
