import { ConfigError } from '../../contracts/errors.js';
import { argsort } from '../argsort.js';
import { scoreUnit } from '../choice/scoreUnit.js';
import type { Evidence, ImportanceEstimator } from '../importance/estimator.js';
import { estimatorByName, estimators } from '../importance/index.js';

const isOrder = ({ requires, detectsLabelErrors }: ImportanceEstimator): boolean =>
  detectsLabelErrors && requires.every((kind) => kind === 'outOfFoldLogits');

/** Estimators that find wrong labels by out-of-fold logits alone, and the control. */
export const REVIEW_ORDERS: readonly string[] = [
  ...(estimators as readonly ImportanceEstimator[]).filter(isOrder).map(({ name }) => name),
  'random',
];

/**
 * Positions of the rows in the order in which their labels are worth checking: lowest score first.
 *
 * @throws ConfigError where `order` is none of REVIEW_ORDERS
 */
export function reviewOrder(order: string, evidence: Evidence, seed: number): Int32Array {
  if (!REVIEW_ORDERS.includes(order)) {
    throw new ConfigError(`--order: expected score | ${REVIEW_ORDERS.join(' | ')}, got "${order}"`);
  }
  return argsort(scoreUnit(estimatorByName(order), evidence, { seed }));
}

/** Labels with the truth put back in the given rows. */
export function putRight(given: Int32Array, truth: Int32Array, rows: Iterable<number>): Int32Array {
  const labels = given.slice();
  for (const row of rows) labels[row] = truth[row]!;
  return labels;
}
