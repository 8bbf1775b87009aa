import { findByName } from '../nearestName.js';
import { entropyIg } from './entropyIg.js';
import { type ImportanceEstimator } from './estimator.js';
import { loss } from './loss.js';
import { pvi } from './pvi.js';
import { random } from './random.js';
import { selfConfidence } from './selfConfidence.js';
import { uniform } from './uniform.js';

/** One line per estimator. The CLI, RunConfig, the benchmark and the conformance test all read this list. */
export const estimators = [
  pvi,
  entropyIg,
  selfConfidence,
  loss,
  uniform,
  random,
] as const satisfies readonly ImportanceEstimator[];

/**
 * The estimator of that name.
 *
 * @throws ConfigError that lists the known names and the nearest one
 */
export function estimatorByName(name: string): ImportanceEstimator {
  return findByName<ImportanceEstimator>('importance.estimator', estimators, name);
}

export { entropyIg, loss, pvi, random, selfConfidence, uniform };
export { scoreSamples, type ScoreOptions } from './scoreSamples.js';
export { findLabelIssues, type LabelIssueFilter, type LabelIssueOptions } from './labelIssues.js';
export { calibrateConfidentJoint, confidentJoint, confidentThresholds } from './confidentJoint.js';
export { logSoftmaxRows, softmaxRows } from '../probability.js';
export { seeded, type Random } from '../random.js';
export type {
  Evidence,
  EvidenceKind,
  FeatureRows,
  ImportanceEstimator,
  LinearCheckpoint,
  TrainingDynamics,
  ValidationSide,
} from './estimator.js';
