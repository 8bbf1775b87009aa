import type { RankedQuery, RankingDefinition } from './rankingMetric.js';

// Figures of relevant or not: an item is relevant from grade 1. A query without a relevant item counts as 0, as in trec_eval.

const isRelevant = (grade: number): boolean => grade >= 1;

const countRelevant = (grades: Float64Array, depth = Infinity): number =>
  grades.subarray(0, Math.min(depth, grades.length)).filter(isRelevant).length;

/** Mean reciprocal rank: 1 / place of the first relevant item, 0 where none is among the first k. */
export const mrr: RankingDefinition = {
  name: 'mrr',
  takesDepth: true,
  ofQuery({ grades }, depth) {
    const first = grades.findIndex(isRelevant);
    return first >= 0 && first < depth ? 1 / (first + 1) : 0;
  },
};

/** Mean average precision: the precisions at the relevant items among the first k, over all relevant ones. */
export const map: RankingDefinition = {
  name: 'map',
  takesDepth: true,
  ofQuery({ grades }, depth) {
    let found = 0;
    let sum = 0;
    for (let i = 0; i < Math.min(depth, grades.length); i++) {
      if (isRelevant(grades[i]!)) sum += ++found / (i + 1);
    }
    return sum / Math.max(1, countRelevant(grades));
  },
};

/** Share of the relevant items that are among the first k. */
export const recallAt: RankingDefinition = {
  name: 'recall',
  takesDepth: true,
  ofQuery: ({ grades }, depth) => countRelevant(grades, depth) / Math.max(1, countRelevant(grades)),
};

/** Share of the first k places that hold a relevant item; a list shorter than k has empty places. */
export const precisionAt: RankingDefinition = {
  name: 'precision',
  takesDepth: true,
  ofQuery: ({ grades }, depth) =>
    countRelevant(grades, depth) / (Number.isFinite(depth) ? depth : grades.length),
};

/** 1 where a relevant item is among the first k, else 0. */
export const hitRate: RankingDefinition = {
  name: 'hit_rate',
  takesDepth: true,
  ofQuery: ({ grades }: RankedQuery, depth) => Math.min(1, countRelevant(grades, depth)),
};
