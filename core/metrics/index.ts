import { findByName } from '../nearestName.js';
import { accuracy } from './accuracy.js';
import { averagePrecisionMetric } from './averagePrecisionMetric.js';
import type { MetricPair } from './defineMetric.js';
import { ece } from './ece.js';
import { f1Macro, f1Micro, f1Weighted } from './f1.js';
import { logLoss } from './logLoss.js';
import type { Metric, MetricInput } from './metric.js';
import { normalizedEntropy } from './normalizedEntropy.js';
import { precisionMacro, precisionMicro, precisionWeighted } from './precision.js';
import { recallMacro, recallMicro, recallWeighted } from './recall.js';
import { relativeInformation } from './relativeInformation.js';
import { rocAucMetric } from './rocAucMetric.js';

/** One line per metric, by scikit-learn's names. */
const pairs = [
  accuracy,
  f1Macro,
  f1Micro,
  f1Weighted,
  precisionMacro,
  precisionMicro,
  precisionWeighted,
  recallMacro,
  recallMicro,
  recallWeighted,
  logLoss,
  normalizedEntropy,
  relativeInformation,
  rocAucMetric,
  averagePrecisionMetric,
  ece,
] as const satisfies readonly MetricPair[];

/** Every metric, and after it its twin `name[sample_weight]`. Tasks, reports and the conformance test read this list. */
export const metrics: readonly Metric[] = pairs.flatMap((pair) => [pair, pair.weighted]);

/**
 * The metric of that name.
 *
 * @throws ConfigError that lists the known names and the nearest one
 */
export function metricByName(name: string): Metric {
  return findByName('metric', metrics, name);
}

/**
 * Several metrics of the same predictions, by name.
 *
 * @throws ConfigError where a name isn't known
 */
export function evaluate(names: readonly string[], input: MetricInput): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, metricByName(name).compute(input)]));
}

export {
  accuracy,
  averagePrecisionMetric,
  ece,
  f1Macro,
  f1Micro,
  f1Weighted,
  logLoss,
  normalizedEntropy,
  precisionMacro,
  precisionMicro,
  precisionWeighted,
  recallMacro,
  recallMicro,
  recallWeighted,
  relativeInformation,
  rocAucMetric,
};
export { averagePrecision, rocAuc } from './detection.js';
export { precisionByRecall } from './precisionRecall.js';
export {
  catalogueCoverage,
  rankingMetricByName,
  rankingMetrics,
  type QueryFigures,
  type RankingInput,
  type RankingMetric,
} from './ranking/index.js';
export { calibrationRatio } from './calibrationRatio.js';
export { calibrationBins, type CalibrationBin } from './calibration.js';
export { confusion, perClass, type ClassFigures } from './confusion.js';
export { argmaxRows, softmaxRows } from '../probability.js';
export type { MetricPair } from './defineMetric.js';
export type { Metric, MetricInput } from './metric.js';
