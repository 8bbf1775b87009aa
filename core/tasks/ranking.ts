import { z } from 'zod';
import { ConfigError, DataError } from '../../contracts/errors.js';
import type { DenseMatrix } from '../../contracts/matrix.js';
import type { Loss } from '../../contracts/model.js';
import { rankingMetricByName, type RankingInput } from '../metrics/index.js';
import type { EncodedTargets, Judged, Task } from './task.js';

const LARGEST_GRADE = 30; // gains are 2^grade − 1

const RankingParams = z.strictObject({
  loss: z
    .enum(['pointwise', 'ranknet', 'lambdarank'])
    .default('pointwise')
    .describe(
      'pointwise: grades as classes, ranked by the expected gain; ranknet: pairs of a query; lambdarank: pairs by what their swap does to NDCG',
    ),
  depth: z.int().positive().default(10).describe('of the NDCG that lambdarank weighs pairs by'),
  grades: z
    .record(z.string(), z.int().min(0).max(LARGEST_GRADE))
    .optional()
    .describe('grade of each value of the target, 0 = irrelevant; without it the values are grades'),
});
type RankingParams = z.infer<typeof RankingParams>;

/** Items of a query in order of relevance. Class codes are grades. */
export const ranking: Task = rankingTask(RankingParams.parse({}));

function rankingTask({ loss, depth, grades }: RankingParams): Task {
  const pointwise = loss === 'pointwise';
  return {
    name: 'ranking',
    paramsSchema: RankingParams,
    configured: (params) => rankingTask(RankingParams.parse(params)),
    judges: 'groups',
    weighs: pointwise ? 'samples' : 'groups',
    duplicates: 'purge',
    loss: lossOf(loss, depth),
    estimator: pointwise ? 'item_pvi' : 'query_pvi',
    aleatoric: false,
    metrics: ['ndcg@10', 'ndcg@5', 'ndcg_linear@10', 'mrr@10', 'map@10', 'recall@10'],
    estimated: ['ndcg@10', 'ndcg@5', 'ndcg_linear@10', 'mrr@10', 'map@10', 'recall@10'],
    choiceMetric: () => 'ndcg@10',
    encode: (values, classes) => encodeGrades(values, classes, grades),
    measure: measureRanking,
    scores: rankingScores,
    unitsOf: ({ targets, groups }) => firstOfEach(queriesOf(groups, targets.length)),
    /** The metric of each query: of one that has no relevant item it is 0, whoever ranks. */
    merit(judged, metric) {
      if (!isRanking(metric)) {
        throw new ConfigError(
          `loop.metric: expected a metric of ranked queries (ndcg@10, mrr@10, map@10, recall@10, …), got "${metric}"`,
        );
      }
      return rankingMetricByName(metric).perQuery(rankingInput(judged)).values;
    },
  };
}

function lossOf(loss: RankingParams['loss'], depth: number): Loss {
  if (loss === 'pointwise') return { kind: 'crossEntropy' };
  return loss === 'ranknet' ? { kind: 'rankNet' } : { kind: 'lambdaRank', depth };
}

/** Metrics that have a figure of every query; gauc leaves queries out. */
const isRanking = (metric: string): boolean => {
  try {
    return rankingMetricByName(metric).name === metric && !metric.startsWith('gauc');
  } catch {
    return false;
  }
};

/**
 * What items are ranked by, (n,): the log-odds ln(g / (most − g)) of the expected gain g = Σ p(grade)·(2^grade − 1) of their
 * class probabilities. It orders as g does, and tells items apart whose g is next to the least or the most.
 *
 * @param logits (n, K), a column a grade
 */
function rankingScores({ values, cols }: DenseMatrix): Float64Array {
  const most = 2 ** (cols - 1) - 1;
  const gained = Float64Array.from({ length: cols }, (_, grade) => Math.log(2 ** grade - 1));
  const missed = gained.map((log) => Math.log(most - Math.exp(log)));
  missed[cols - 1] = -Infinity;
  return Float64Array.from({ length: values.length / cols }, (_, item) => {
    const logits = values.subarray(item * cols, (item + 1) * cols);
    return logSumExp(logits, gained) - logSumExp(logits, missed);
  });
}

/** ln Σ exp(aₖ + bₖ); some b may be −∞. */
function logSumExp(a: Float64Array, b: Float64Array): number {
  const highest = a.reduce((most, value, k) => Math.max(most, value + b[k]!), -Infinity);
  return highest + Math.log(a.reduce((sum, value, k) => sum + Math.exp(value + b[k]! - highest), 0));
}

/** Items that training knows no grade of are irrelevant. */
const rankingInput = ({ targets, groups, logits }: Judged): RankingInput => ({
  scores: rankingScores(logits),
  grades: Float64Array.from(targets, (grade) => Math.max(0, grade)),
  queries: queriesOf(groups, targets.length),
});

function queriesOf(groups: Int32Array | undefined, rows: number): Int32Array {
  if (groups?.length === rows) return groups;
  throw new RangeError(
    `ranking: expected the query of each of ${rows} items, got ${groups?.length ?? 'none'}`,
  );
}

function firstOfEach(queries: Int32Array): Int32Array {
  const seen = new Set<number>();
  return Int32Array.from(queries.keys()).filter((row) => {
    const isFirst = !seen.has(queries[row]!);
    seen.add(queries[row]!);
    return isFirst;
  });
}

/** A query weighs the mean weight of its items. */
function measureRanking(
  names: readonly string[],
  judged: Judged,
): (sampleWeights?: Float64Array) => number[] {
  const input = rankingInput(judged);
  const figures = names.map((name) => rankingMetricByName(name).perQuery(input));
  return (sampleWeights) => {
    const means = sampleWeights && queryMeans(input.queries, sampleWeights);
    return figures.map(({ queries, values, weights }) => {
      let [sum, mass] = [0, 0];
      values.forEach((value, q) => {
        const weight = weights[q]! * (means?.get(queries[q]!) ?? 1);
        sum += weight * value;
        mass += weight;
      });
      return mass > 0 ? sum / mass : 0;
    });
  };
}

function queryMeans(queries: ArrayLike<number>, weights: Float64Array): Map<number, number> {
  const sums = new Map<number, { total: number; count: number }>();
  weights.forEach((weight, row) => {
    const held = sums.get(queries[row]!) ?? { total: 0, count: 0 };
    held.total += weight;
    held.count++;
    sums.set(queries[row]!, held);
  });
  return new Map([...sums].map(([query, { total, count }]) => [query, total / count]));
}

/** Codes are grades; the class of a grade is called as the target says it, or by its number where nothing has it. */
function encodeGrades(
  values: readonly (string | null)[],
  classes: readonly string[] | undefined,
  grades: RankingParams['grades'],
): EncodedTargets {
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : gradeOf(value, grades)));
  if (classes) return { codes: codes.map((grade) => (grade < classes.length ? grade : -1)), classes };
  const highest = codes.reduce((most, grade) => Math.max(most, grade), -1);
  if (highest < 1) {
    throw new DataError(
      `target: expected training rows of at least two grades, 0 and higher, found ${highest < 0 ? 'none' : 'only grade 0'} ` +
        `in ${values.length} rows; check dataset.columns.target and task.grades`,
    );
  }
  const names = new Map(Object.entries(grades ?? {}).map(([name, grade]) => [grade, name]));
  return {
    codes,
    classes: Array.from({ length: highest + 1 }, (_, grade) => names.get(grade) ?? String(grade)),
  };
}

function gradeOf(value: string, grades: RankingParams['grades']): number {
  if (grades) {
    const grade = grades[value];
    if (grade !== undefined) return grade;
    const known = Object.keys(grades).join(', ');
    throw new DataError(`target: ${JSON.stringify(value)} has no grade; task.grades names ${known}`);
  }
  const grade = Number(value);
  if (value.trim() !== '' && Number.isInteger(grade) && grade >= 0 && grade <= LARGEST_GRADE) return grade;
  throw new DataError(
    `target: expected a grade, a whole number from 0 to ${LARGEST_GRADE}, found ${JSON.stringify(value)}; ` +
      'say under task.grades which grade each value means',
  );
}
