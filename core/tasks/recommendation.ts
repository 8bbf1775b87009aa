import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import { rankingMetricByName, type RankingInput } from '../metrics/index.js';
import { ctr } from './ctr.js';
import type { Judged, Task } from './task.js';

const RecommendationParams = z.strictObject({
  depth: z.int().positive().default(10).describe('length of the lists that are judged'),
});
type RecommendationParams = z.infer<typeof RecommendationParams>;

/**
 * Which items a user would take, from what users took and did not: lists of each user's candidates, judged by what the
 * user took. A fold hides some of a user's rows, not the user.
 */
export const recommendation: Task = recommendationTask(RecommendationParams.parse({}));

function recommendationTask({ depth }: RecommendationParams): Task {
  const names = ['ndcg', 'hit_rate', 'recall', 'mrr'].map((name) => `${name}@${depth}`);
  const [chosenBy] = names as [string];
  return {
    ...ctr,
    name: 'recommendation',
    paramsSchema: RecommendationParams,
    configured: (params) => recommendationTask(RecommendationParams.parse(params)),
    judges: 'groups',
    duplicates: 'purge',
    folds: 'rows',
    metrics: names,
    estimated: names,
    choiceMetric: () => chosenBy,
    measure: measureLists,
    unitsOf: ({ groups, targets }) => firstOfEach(usersOf(groups, targets.length)),
    /** The metric of each user; of one who took nothing it is 0, whoever recommends. */
    merit(judged, metric) {
      if (names.includes(metric)) return rankingMetricByName(metric).perQuery(lists(judged)).values;
      throw new ConfigError(
        `loop.metric: expected ${names.join(' | ')} for the task recommendation, got "${metric}"`,
      );
    },
  };
}

const lists = ({ targets, groups, logits }: Judged): RankingInput => ({
  scores: Float64Array.from(targets, (_, i) => logits.values[2 * i + 1]! - logits.values[2 * i]!),
  grades: Float64Array.from(targets, (target) => Math.max(0, target)),
  queries: usersOf(groups, targets.length),
});

function usersOf(groups: Int32Array | undefined, rows: number): Int32Array {
  if (groups?.length === rows) return groups;
  throw new RangeError(
    `recommendation: expected the user of each of ${rows} rows, got ${groups?.length ?? 'none'}`,
  );
}

function firstOfEach(users: Int32Array): Int32Array {
  const seen = new Set<number>();
  return Int32Array.from(users.keys()).filter((row) => {
    const isFirst = !seen.has(users[row]!);
    seen.add(users[row]!);
    return isFirst;
  });
}

/** A user weighs the mean weight of the rows. */
function measureLists(names: readonly string[], judged: Judged): (sampleWeights?: Float64Array) => number[] {
  const input = lists(judged);
  const plain = names.map((name) => rankingMetricByName(name));
  const twins = names.map((name) => rankingMetricByName(`${name}[sample_weight]`));
  return (sampleWeights) =>
    (sampleWeights ? twins : plain).map((metric) =>
      metric.compute(sampleWeights ? { ...input, sampleWeights } : input),
    );
}
