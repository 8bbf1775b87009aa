import { gradeBaseline, pairDerivatives, rankedQueries, type PairLoss } from '../ranking/pairs.js';
import { binColumns } from './bins.js';
import {
  continued,
  MIN_HESSIAN,
  type Boosting,
  type BoostingSettings,
  type EarlierTrees,
} from './boosting.js';
import type { PresentRows } from './classes.js';
import { columnTable, type FeatureInput } from './columns.js';
import { histogramGrower } from './histogramTree.js';

/**
 * Gradient boosting of a score by a loss over the pairs of each query (LambdaMART by `lambdaRank`): one tree an
 * iteration, which adds to output 0; class codes are grades.
 *
 * @param queries of the present rows
 * @param earlier fit that goes on
 * @source Burges, From RankNet to LambdaRank to LambdaMART, 2010
 */
export function rankBoosting(
  input: FeatureInput,
  present: PresentRows,
  queries: Int32Array,
  loss: PairLoss,
  settings: BoostingSettings,
  earlier: EarlierTrees = { trees: [] },
): Boosting {
  const { rows, targets, weights, classWeights } = present;
  const baseline = earlier.baseline ?? gradeBaseline(targets, weights, classWeights.length);
  const ranked = rankedQueries(queries, targets);
  if (ranked.length === 0) return { baseline, iterate: () => [] };
  const table = binColumns(columnTable(input, rows, settings.categorical), weights, settings.minSamplesLeaf);
  const grower = histogramGrower(table, weights, { ...settings, minHessian: MIN_HESSIAN });
  const scores = continued(input, rows, Float64Array.of(0), earlier.trees); // (n,)
  const derivatives = new Float64Array(2 * rows.length);
  return {
    baseline,
    iterate() {
      pairDerivatives(ranked, targets, weights, scores, loss, derivatives);
      return [grower.grow(derivatives, scores, 0, 1)];
    },
  };
}
