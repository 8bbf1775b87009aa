import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../../contracts/benchmark.js';
import { rankEstimators } from '../../../core/benchmark/leaderboard.js';

const cell = (estimator: string, seed: number, twoMeansF1: number, more: Partial<Cell> = {}): Cell => ({
  ...{ dataset: 'd', noise: 'uniform:0.2', seed, estimator, learner: 'trees', wallMs: 4, evidenceMs: 100 },
  measures: {
    ...{ twoMeansF1, rocAuc: 0.9, averagePrecision: 0.8, recallAtNoisy: 0.7, discovery: [0, twoMeansF1, 1] },
    accuracy: { given: 0.7, oracle: 0.9, clip: 0.8, filter: 0.85 },
    curves: null,
  },
  ...more,
});
const close = (found: number | null, want: number): void =>
  assert.ok(found !== null && Math.abs(found - want) < 1e-12, `${found} instead of ${want}`);

describe('leaderboard', () => {
  const cells = [
    ...[cell('a', 1, 0.8), cell('a', 2, 0.6)],
    ...[cell('b', 1, 0.4), cell('b', 2, 0.5)],
    ...[cell('c', 1, 0.5), cell('c', 2, 0.3)],
  ];
  const { standings, groups, concordance, pairedTrials } = rankEstimators(cells, 1);

  it('orders by mean F1', () => {
    assert.deepEqual(
      standings.map(({ estimator }) => estimator),
      ['a', 'b', 'c'],
    );
    close(standings[0]!.twoMeansF1, 0.7);
    close(standings[0]!.standardError, 0.1); // √(0.02)/√2
  });

  it('averages ranks and says how they move between seeds', () => {
    assert.deepEqual(
      standings.map(({ meanRank }) => meanRank),
      [1, 2.5, 2.5],
    );
    close(standings[0]!.rankDeviation, 0);
    close(standings[1]!.rankDeviation, Math.SQRT1_2); // ranks 3 and 2
    close(concordance, 0.75); // totals 2, 5, 5 about 4: 6; 12·6/(4·24)
  });

  it('sums gains over costs', () => {
    close(standings[0]!.recovered.clip, 0.5);
    close(standings[0]!.recovered.filter, 0.75);
  });

  it('averages curves point by point', () => close(standings[0]!.discovery[1]!, 0.7));

  it('gives one row a data set and noise', () => {
    assert.equal(groups.length, 1);
    assert.equal(groups[0]!.learners, 'trees 2');
    groups[0]!.twoMeansF1.forEach((value, i) => close(value, [0.7, 0.45, 0.4][i]!));
  });

  it('tests the best against the others, which two trials cannot decide', () => {
    assert.equal(pairedTrials, 2);
    assert.equal(standings[0]!.pValue, null);
    assert.ok(standings[1]!.pValue! > 0.2, String(standings[1]!.pValue)); // one of four sign patterns at best
  });

  it('many trials decide it', () => {
    const many = Array.from({ length: 12 }, (_, seed) => [
      cell('a', seed, 0.7 + seed / 100),
      cell('b', seed, 0.5 + seed / 90),
    ]).flat();
    assert.ok(rankEstimators(many, 1).standings[1]!.pValue! < 0.01); // 2⁻¹²
  });

  it('tests over shared trials only, and averages over what there is', () => {
    const partial = rankEstimators([...cells, cell('d', 1, 0.9)], 1);
    assert.equal(partial.pairedTrials, 1);
    assert.equal(partial.standings[0]!.estimator, 'd');
    assert.equal(partial.standings[0]!.cells, 1);
    assert.equal(partial.standings[0]!.standardError, null);
  });

  it('has no recovered share where the oracle gains nothing', () => {
    const flat = cell('a', 1, 0.5);
    const accuracy = { given: 0.9, oracle: 0.9, clip: 0.9, filter: 0.9 };
    const [one] = rankEstimators([{ ...flat, measures: { ...flat.measures, accuracy } }], 1).standings;
    assert.deepEqual(one!.recovered, { clip: null, filter: null });
  });

  it('refuses to rank nothing', () => assert.throws(() => rankEstimators([], 1), /no cells/));
});
