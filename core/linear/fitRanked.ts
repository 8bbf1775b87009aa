import { gradeBaseline, pairsOf, rankedQueries, type PairLoss } from '../ranking/pairs.js';
import { fitLinear, type LinearHooks, type LinearSettings } from './fit.js';
import { logitsOf, type LinearParameters } from './parameters.js';
import type { LinearTraining } from './classes.js';
import { RowBuilder } from '../features/block.js';
import type { CsrMatrix } from '../../contracts/matrix.js';

/** Times that the pairs' worth is taken anew from the scores that the last fit gives. */
const PASSES = 3;

/**
 * A linear score trained on the pairs of each query: logistic regression on the differences of the two rows' features.
 * A query's pairs weigh as much as its rows together, so that C means what it means elsewhere. For `lambdaRank` the
 * pairs' worth depends on the scores: it is fitted by pairs that weigh alike first, then again by what their swap does
 * to NDCG under the last scores.
 *
 * @param queries (n,)
 * @returns logits of grades: weights of class k are k/(K − 1) of the score's
 */
export async function fitRanked(
  training: LinearTraining,
  queries: Int32Array,
  loss: PairLoss,
  settings: LinearSettings,
  hooks: Pick<LinearHooks, 'onStep' | 'signal'> = {},
): Promise<LinearParameters> {
  const { matrix, targets, sampleWeights, outputs } = training;
  const baseline = gradeBaseline(targets, sampleWeights, outputs);
  const present = rankedQueries(queries, targets).map((rows) =>
    rows.filter((row) => sampleWeights[row]! > 0),
  );
  let scores: Float64Array = new Float64Array(matrix.rows);
  let model = graded(new Float64Array(matrix.cols), baseline);
  for (let pass = 0; pass < (loss.kind === 'lambdaRank' ? PASSES : 1); pass++) {
    const worth: PairLoss = pass === 0 ? { kind: 'rankNet' } : loss;
    const pairs = present.flatMap((rows) => weighedPairs(rows, training, scores, worth));
    if (pairs.length === 0) return model;
    const fitted = await fitLinear(differences(matrix, pairs), settings, hooks);
    const score = Float64Array.from({ length: matrix.cols }, (_, j) => scoreOf(fitted, j));
    model = graded(score, baseline);
    scores = scoresOf(matrix, score);
  }
  return model;
}

/** Pairs of one query, of a total weight of its rows'. */
function weighedPairs(
  rows: Int32Array,
  { targets, sampleWeights }: LinearTraining,
  scores: Float64Array,
  loss: PairLoss,
) {
  const pairs = pairsOf(rows, targets, sampleWeights, scores, loss);
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const mass = rows.reduce((sum, row) => sum + sampleWeights[row]!, 0);
  return pairs.map((pair) => ({ ...pair, weight: (pair.weight * mass) / total }));
}

/** Every second pair is turned round, so that there is nothing for an intercept to learn. */
function differences(matrix: CsrMatrix, pairs: ReturnType<typeof weighedPairs>): LinearTraining {
  const rows = new RowBuilder();
  const targets = Int32Array.from(pairs, (_, at) => at % 2);
  pairs.forEach(({ better, worse }, at) => {
    const [plus, minus] = at % 2 === 1 ? [better, worse] : [worse, better];
    subtractRows(matrix, plus, minus, rows);
  });
  const sampleWeights = Float64Array.from(pairs, ({ weight }) => weight);
  return { matrix: rows.build(matrix.cols), targets, outputs: 2, sampleWeights };
}

function subtractRows({ indptr, indices, values }: CsrMatrix, plus: number, minus: number, out: RowBuilder) {
  let [a, b] = [indptr[plus]!, indptr[minus]!];
  const [endA, endB] = [indptr[plus + 1]!, indptr[minus + 1]!];
  while (a < endA || b < endB) {
    const columnA = a < endA ? indices[a]! : Infinity;
    const columnB = b < endB ? indices[b]! : Infinity;
    const value = (columnA <= columnB ? values[a++]! : 0) - (columnB <= columnA ? values[b++]! : 0);
    if (value !== 0) out.add(Math.min(columnA, columnB), value);
  }
  out.endRow();
}

/** Two classes share the logit: its weight is the difference of theirs. */
const scoreOf = ({ weights }: LinearParameters, j: number): number => weights[2 * j + 1]! - weights[2 * j]!;

function graded(score: Float64Array, baseline: Float64Array): LinearParameters {
  const K = baseline.length;
  const weights = new Float64Array(score.length * K);
  score.forEach((weight, j) => {
    for (let k = 0; k < K; k++) weights[j * K + k] = (weight * k) / Math.max(1, K - 1);
  });
  return { scheme: 'softmax', features: score.length, outputs: K, weights, intercept: baseline };
}

const scoresOf = (matrix: CsrMatrix, score: Float64Array): Float64Array =>
  logitsOf(
    { scheme: 'softmax', features: score.length, outputs: 1, weights: score, intercept: Float64Array.of(0) },
    matrix,
  );
