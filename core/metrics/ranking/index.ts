import { ConfigError } from '../../../contracts/errors.js';
import { findByName } from '../../nearestName.js';
import { gauc } from './gauc.js';
import { ndcg, ndcgLinear } from './ndcg.js';
import { atDepth, type RankingDefinition, type RankingMetric } from './rankingMetric.js';
import { hitRate, map, mrr, precisionAt, recallAt } from './relevant.js';

/** One line per metric, by trec's names. */
export const rankingMetrics = [
  ndcg,
  ndcgLinear,
  mrr,
  map,
  recallAt,
  precisionAt,
  hitRate,
  gauc,
] as const satisfies readonly RankingDefinition[];

const NAME = /^(?<name>[^@[]+)(?:@(?<depth>[^[]+))?(?<weighted>\[sample_weight\])?$/;

/**
 * The ranking metric of that name: `ndcg@10`, `mrr@10`, `map@100`, `recall@100`, `hit_rate@5`, `gauc`; without `@k` over
 * the whole list; with `[sample_weight]` at its end by sample weights.
 *
 * @throws ConfigError that lists the known names and the nearest one, or says what is wrong with k
 */
export function rankingMetricByName(name: string): RankingMetric {
  const parts = NAME.exec(name)?.groups ?? {};
  const definition: RankingDefinition = findByName('ranking metric', rankingMetrics, parts['name'] ?? name);
  const { depth } = parts;
  if (depth !== undefined && !definition.takesDepth) {
    throw new ConfigError(`ranking metric ${name}: ${definition.name} has no depth; leave @${depth} out`);
  }
  if (depth !== undefined && !/^[1-9]\d*$/.test(depth)) {
    throw new ConfigError(
      `ranking metric ${name}: expected a whole number of at least 1 after "@", got "${depth}"`,
    );
  }
  const k = depth === undefined ? Infinity : Number(depth);
  return atDepth(definition, k, parts['weighted'] !== undefined);
}

export { catalogueCoverage } from './coverage.js';
export type { QueryFigures, RankingInput, RankingMetric } from './rankingMetric.js';
