import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  noiseOfSamples,
  scoreReliability,
  shrinkByReliability,
  sourceNoise,
  spearman,
} from '../../../core/importance/index.js';
import { betaCdf, betaQuantile, logBeta } from '../../../core/statistics/beta.js';
import { seeded } from '../../../core/random.js';

const near = (actual: number, wanted: number, tolerance = 1e-10): void =>
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual} is not ${wanted}`);

describe('reliability of scores', () => {
  it('is 1 where repetitions agree in rank, and leaves weights as they are', () => {
    const { rankStability, reliability, deviation } = scoreReliability([
      Float64Array.of(1, 2, 3),
      Float64Array.of(1, 4, 9),
    ]);
    assert.deepEqual([rankStability, reliability], [1, 1]);
    near(deviation[2]!, Math.sqrt(18)); // 3 and 9 around 6
    assert.deepEqual([...shrinkByReliability(Float64Array.of(0, 2), reliability)], [0, 2]);
  });

  it('is 0 where they contradict each other, and weights become uniform', () => {
    const { rankStability, reliability } = scoreReliability([
      Float64Array.of(1, 2, 3),
      Float64Array.of(3, 2, 1),
    ]);
    assert.deepEqual([rankStability, reliability], [-1, 0]);
    assert.deepEqual([...shrinkByReliability(Float64Array.of(0, 2), reliability)], [1, 1]);
  });

  it('of a mean of three is 3ρ/(1 + 2ρ)', () => {
    const lists = [Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 1, 3, 4), Float64Array.of(1, 2, 4, 3)];
    // Spearman 1 − 6·Σd²/(n³ − n): Σd² = 2, 2 and 4, so 0.8, 0.8 and 0.6.
    const { rankStability, reliability } = scoreReliability(lists);
    near(rankStability, 2.2 / 3);
    near(reliability, (3 * rankStability) / (1 + 2 * rankStability));
    near(spearman(lists[1]!, lists[2]!), 0.6);
  });

  it('needs two repetitions', () => {
    assert.throws(
      () => scoreReliability([Float64Array.of(1)]),
      /expected two or more lists of scores, got 1/,
    );
  });
});

describe('noise of sources', () => {
  const random = seeded(6);
  const rates = [0.02, 0.05, 0.4];
  const sources = Int32Array.from({ length: 3000 }, (_, i) => (i < 4 ? 3 : random.below(3)));
  const wrong = Float64Array.from(sources, (source) =>
    source === 3 || random.next() < rates[source]! ? 1 : 0,
  );
  const noise = sourceNoise(wrong, sources);
  const of = (source: number) => noise.sources.find((each) => each.source === source)!;

  it('keeps the rate of a source of many samples', () => {
    for (const [source, rate] of rates.entries()) {
      near(of(source).rate, rate, 0.04);
      assert.ok(of(source).interval.low <= of(source).raw && of(source).raw <= of(source).interval.high);
    }
  });

  it('draws a source of four samples towards the others', () => {
    assert.equal(of(3).raw, 1);
    assert.ok(of(3).rate < 0.95 && of(3).interval.high - of(3).interval.low > 0.1, String(of(3).rate));
  });

  it('gives every sample the rate of its source', () => {
    near(noiseOfSamples(noise, Int32Array.of(2, 0))[0]!, of(2).rate);
  });

  it('finds no difference where there is none', () => {
    const same = Float64Array.from({ length: 3000 }, () => (random.next() < 0.1 ? 1 : 0));
    const { sources: found } = sourceNoise(same, sources);
    const shrunken = found.map(({ rate }) => rate);
    assert.ok(Math.max(...shrunken) - Math.min(...shrunken) < 0.02, shrunken.join(' '));
  });
});

it('the beta distribution is that of the textbook', () => {
  near(Math.exp(logBeta(2, 3)), 1 / 12, 1e-12);
  near(betaCdf(0.5, 2, 2), 0.5, 1e-12);
  near(betaCdf(0.3, 1, 4), 1 - 0.7 ** 4, 1e-12);
  near(betaQuantile(1 - 0.7 ** 4, 1, 4), 0.3, 1e-10);
});
