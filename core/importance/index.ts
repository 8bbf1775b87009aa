import { findByName } from '../nearestName.js';
import { aum } from './aum.js';
import { betaShapley } from './betaShapley.js';
import { cartography } from './cartography.js';
import { confidenceWeightedEntropy } from './confidenceWeightedEntropy.js';
import { confidentLearning } from './confidentLearning.js';
import { dataBanzhaf } from './dataBanzhaf.js';
import { dataOob } from './dataOob.js';
import { dataShapley } from './dataShapley.js';
import { el2n } from './el2n.js';
import { entropyIg } from './entropyIg.js';
import type { ImportanceEstimator } from './estimator.js';
import { facilityLocation } from './facilityLocation.js';
import { forgetting } from './forgetting.js';
import { grand } from './grand.js';
import { influence } from './influence.js';
import { itemPvi } from './itemPvi.js';
import { kCenter } from './kCenter.js';
import { knnShapley } from './knnShapley.js';
import { lava } from './lava.js';
import { learningToReweight } from './learningToReweight.js';
import { listwisePvi } from './listwisePvi.js';
import { loo } from './loo.js';
import { loss } from './loss.js';
import { lossVal } from './lossVal.js';
import { noisePosterior } from './noisePosterior.js';
import { normalizedMargin } from './normalizedMargin.js';
import { pvi } from './pvi.js';
import { queryPvi } from './queryPvi.js';
import { random } from './random.js';
import { rhoLoss } from './rhoLoss.js';
import { selfConfidence } from './selfConfidence.js';
import { selfInfluence } from './selfInfluence.js';
import { semdedup } from './semdedup.js';
import { tracin } from './tracin.js';
import { trak } from './trak.js';
import { uniform } from './uniform.js';

/** One line per estimator. The CLI, RunConfig, the benchmark and the conformance test all read this list. */
export const estimators = [
  pvi,
  entropyIg,
  selfConfidence,
  normalizedMargin,
  confidenceWeightedEntropy,
  confidentLearning,
  noisePosterior,
  loss,
  aum,
  cartography,
  forgetting,
  el2n,
  rhoLoss,
  grand,
  tracin,
  trak,
  influence,
  selfInfluence,
  loo,
  lava,
  lossVal,
  learningToReweight,
  facilityLocation,
  kCenter,
  semdedup,
  itemPvi,
  queryPvi,
  listwisePvi,
  dataOob,
  knnShapley,
  dataShapley,
  betaShapley,
  dataBanzhaf,
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
export { plantThresholdSamples, thresholdCut } from './aum.js';
export { dataMap, type DataMap } from './cartography.js';
export { evidencePlan, type EvidencePlan } from './evidencePlan.js';
export { forgettingEvents, type Forgetting } from './forgetting.js';
export { chooseCenters, type KCenters } from './kCenter.js';
export { chooseFacilities, type FacilityLocation } from './facilityLocation.js';
export { noiseMatrices, type NoiseMatrices } from './noiseMatrices.js';
export { queryFolds, type QueryFold } from './queryFolds.js';
export { scoreReliability, shrinkByReliability, spearman, type ScoreReliability } from './reliability.js';
export { noiseOfSamples, sourceNoise, type SourceNoise, type SourceRate } from './sourceNoise.js';
export { vInformation, type VInformation } from './vInformation.js';
export { scoreSamples, type ScoreOptions } from './scoreSamples.js';
export {
  countLabelIssues,
  findLabelIssues,
  rankLabelIssues,
  type LabelIssueFilter,
  type LabelIssueOptions,
} from './labelIssues.js';
export { calibrateConfidentJoint, confidentJoint, confidentThresholds } from './confidentJoint.js';
export { logSoftmaxRows, softmaxRows } from '../probability.js';
export { seeded, type Random } from '../random.js';
export {
  leaveOneOut,
  play,
  playUnit,
  type Game,
  type GamePlan,
  type PlayLimits,
  type PlayState,
} from './utility/play.js';
export {
  mergeTallies,
  tallyErrors,
  tallyFrom,
  tallyTensors,
  tallyValues,
  type Tally,
} from './utility/tally.js';
export { cached, type Utility } from './utility/utility.js';
export { knnShapley as knnShapleyValues } from './knn/shapley.js';
export type {
  Evidence,
  EvidenceKind,
  FeatureRows,
  ImportanceEstimator,
  LinearCheckpoint,
  TrainingDynamics,
  ValidationSide,
} from './estimator.js';
