import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  calibrationRatio,
  catalogueCoverage,
  rankingMetricByName,
  rankingMetrics,
} from '../../../../core/metrics/index.js';
import { ConfigError } from '../../../../contracts/errors.js';

const compute = (name: string, input: Parameters<ReturnType<typeof rankingMetricByName>['compute']>[0]) =>
  rankingMetricByName(name).compute(input);
const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

describe('a ranking metric', () => {
  it('is the mean of hand-computed queries', () => {
    // Query 1 ranks grades 0, 3, 1; query 2 ranks 2, 0.
    const input = { queries: [1, 2, 1, 2, 1], grades: [3, 0, 0, 2, 1], scores: [0.5, 0.1, 0.9, 0.8, 0.2] };
    const dcg = 7 / Math.log2(3) + 1 / Math.log2(4);
    const ideal = 7 + 1 / Math.log2(3);
    close(compute('ndcg@10', input), (dcg / ideal + 1) / 2);
    close(compute('ndcg@1', input), (0 + 1) / 2);
    close(compute('mrr@10', input), (1 / 2 + 1) / 2);
    close(compute('mrr@1', input), (0 + 1) / 2);
    close(compute('map', input), ((1 / 2 + 2 / 3) / 2 + 1) / 2);
    close(compute('recall@2', input), (1 / 2 + 1) / 2);
    close(compute('precision@2', input), (1 / 2 + 1 / 2) / 2);
    close(compute('hit_rate@1', input), (0 + 1) / 2);
    close(compute('gauc', input), (3 * 0 + 2 * 1) / 5);
  });

  it('keeps tied items in the order of their rows', () => {
    const tied = { queries: [1, 1], scores: [0.5, 0.5] };
    assert.equal(compute('mrr', { ...tied, grades: [1, 0] }), 1);
    assert.equal(compute('mrr', { ...tied, grades: [0, 1] }), 0.5);
  });

  it('counts a query without a relevant item as 0', () => {
    const input = { queries: [1, 1, 2], grades: [1, 0, 0], scores: [2, 1, 1] };
    for (const name of ['ndcg@10', 'ndcg_linear@10', 'mrr@10', 'map@10', 'recall@10', 'hit_rate@10']) {
      assert.equal(compute(name, input), 0.5, name);
    }
  });

  it('skips groups of one class where it is gauc, and says how many', () => {
    const input = { queries: [1, 1, 2, 2], grades: [1, 0, 1, 1], scores: [2, 1, 1, 2] };
    const { values, skipped } = rankingMetricByName('gauc').perQuery(input);
    assert.deepEqual([[...values], skipped], [[1], 1]);
  });

  it('judges a query of weight 0 not at all, and one of weight 2 twice', () => {
    const input = {
      queries: [1, 1, 2, 2, 3, 3],
      grades: [1, 0, 0, 1, 1, 0],
      scores: [2, 1, 2, 1, 1, 2],
      sampleWeights: [2, 2, 1, 1, 0, 0],
    };
    close(compute('mrr[sample_weight]', input), (2 * 1 + 0.5) / 3);
    close(compute('mrr', input), (1 + 0.5 + 0.5) / 3);
  });

  it('is within [0, 1], is 1 for the ideal order, and does not depend on the order of distinct rows', () => {
    const items = fc.array(
      fc.record({ query: fc.integer({ min: 0, max: 4 }), grade: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 1, maxLength: 40 },
    );
    const names = ['ndcg@5', 'ndcg_linear', 'mrr@3', 'map@5', 'recall@5', 'precision@5', 'hit_rate@2'];
    fc.assert(
      fc.property(items, fc.integer(), (list, seed) => {
        const scores = list.map((_, i) => Math.sin(seed + i * 12.9898) * 43758.5453);
        const input = { queries: list.map((i) => i.query), grades: list.map((i) => i.grade), scores };
        const back = <T>(values: T[]): T[] => [...values].reverse();
        const reversed = {
          queries: back(input.queries),
          grades: back(input.grades),
          scores: back(scores),
        };
        for (const name of names) {
          const value = compute(name, input);
          assert.ok(value >= 0 && value <= 1, `${name} ${value}`);
          close(compute(name, reversed), value);
        }
        const { values } = rankingMetricByName('ndcg@5').perQuery({ ...input, scores: input.grades });
        for (const value of values) assert.ok(value === 0 || Math.abs(value - 1) < 1e-12);
      }),
    );
  });

  it('says what is wrong with a name or with its input', () => {
    assert.throws(() => rankingMetricByName('ndgc@10'), /did you mean "ndcg"/);
    assert.throws(() => rankingMetricByName('ndcg@0'), ConfigError);
    assert.throws(() => rankingMetricByName('ndcg@ten'), /whole number of at least 1 after "@", got "ten"/);
    assert.throws(() => rankingMetricByName('gauc@10'), /has no depth/);
    const one = { queries: [1], grades: [1], scores: [1] };
    assert.throws(() => compute('mrr', { ...one, grades: [] }), /expected 1 grades.*got 0/);
    assert.throws(() => compute('mrr', { ...one, scores: [NaN] }), /scores\[0\].*NaN/);
    assert.throws(() => compute('mrr', { ...one, grades: [-1] }), /grades\[0\].*-1/);
    assert.throws(() => compute('mrr[sample_weight]', one), /expected 1 sample weights/);
    assert.throws(() => compute('gauc', one), /a query that can be judged/);
    assert.throws(() => compute('mrr', { queries: [], grades: [], scores: [] }), /at least one item/);
  });

  it('is registered once a name', () => {
    const names = rankingMetrics.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});

describe('catalogue coverage', () => {
  it('is the share of items that somebody is shown among the first k', () => {
    assert.equal(catalogueCoverage([['a', 'b', 'c'], ['b', 'a'], []], 2, 8), 0.25);
    assert.throws(() => catalogueCoverage([['a', 'b']], 2, 1), /at least the 2 items shown/);
    assert.throws(() => catalogueCoverage([['a']], 0, 1), /at least 1, got 0/);
  });
});

describe('the calibration ratio', () => {
  it('is mean prediction over click-through rate, by weights where there are some', () => {
    close(calibrationRatio([1, 0, 0, 0], [0.5, 0.1, 0.1, 0.1]), 0.8);
    close(calibrationRatio([1, 0], [0.5, 0.1], [1, 3]), 0.8);
    assert.equal(calibrationRatio([0], [0.1]), Infinity);
    assert.throws(() => calibrationRatio([1], [0.1, 0.2]), /as many probabilities/);
  });
});
