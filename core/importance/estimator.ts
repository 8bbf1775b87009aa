import type { z } from 'zod';
import type { ModelInput } from '../../contracts/model.js';
import type { LinearParameters } from '../linear/parameters.js';
import type { Random } from '../random.js';
import type { PlayLimits } from './utility/play.js';
import type { Tally } from './utility/tally.js';

/** Kinds of evidence that an estimator may ask for; the workflow makes each kind once. */
export const EVIDENCE_KINDS = [
  'outOfFoldLogits',
  'trainingDynamics',
  'features',
  'validation',
  'checkpoints',
  'groups',
] as const;
/** What an estimator can ask for. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** Numbers that describe samples, a row each. */
export type FeatureRows = Extract<ModelInput, { readonly kind: 'sparse' | 'dense' }>;

/** Logits of every sample after each epoch of one training run in which it took part. */
export interface TrainingDynamics {
  readonly epochs: number; // T
  readonly logits: Float64Array | Float32Array; // (T, n, K)
  /** Samples that were trained with a made-up last class, so that nothing can be learned of them (AUM). */
  readonly thresholdSamples?: Int32Array;
}

/** Held-out samples whose quality training should serve, described as the samples are. */
export interface ValidationSide {
  readonly features: FeatureRows; // (m, d)
  readonly targets: Int32Array; // (m,), class codes in [0, K)
}

/** A linear model (or the last layer of any) on the way: logits = features · weights + intercept. */
export interface LinearCheckpoint extends Pick<LinearParameters, 'weights' | 'intercept'> {
  readonly learningRate: number; // of the steps that led to it
}

/**
 * What is known of n samples, in row order. `logits` are out of fold (n × K, row-major): row i comes from a model
 * that never saw sample i, its group, or its near-duplicates.
 */
export interface Evidence {
  readonly targets: Int32Array; // (n,), class codes in [0, K)
  readonly outputs: number; // K
  readonly logits?: Float64Array; // (n, K)
  readonly folds?: Int32Array; // (n,), the fold that held sample i out
  readonly dynamics?: TrainingDynamics;
  readonly features?: FeatureRows; // (n, d); for a network the input of its last layer
  readonly validation?: ValidationSide;
  readonly checkpoints?: readonly LinearCheckpoint[]; // over `features`, in order of training
  readonly groups?: Int32Array; // (n,), the user's groups: the query of a ranking
  readonly sources?: Int32Array; // (n,), who or what gave the label: vendor, annotator, feed, session
  /** What each rule of people says of the label, (n,): 1 = it agrees, −1 = it contradicts, 0 = nothing. */
  readonly votes?: readonly Int8Array[];
}

/** What docs/importance.md says of an estimator beside its parameters and needs. */
export interface EstimatorNotes {
  readonly formula: string;
  readonly cost: string;
  readonly higherMeans: string;
  readonly use: string;
  readonly source: string;
}

/** A game over samples. Units of it can be played anywhere and in any order; their tallies add up. */
export interface OpenGame {
  play(unit: number): Tally;
  /** Scores (n,) in row order. */
  scores(tally: Tally): Float64Array;
}

/** How a run deals the work of an estimator out to many workers. */
export interface GameDeal<P> {
  limits(params: P): PlayLimits;
  open(evidence: Evidence, params: P, random: Random): OpenGame;
}

/** One way to score samples: one file here, one line in index.ts. Scores are signed, in row order, higher = worth more. */
export interface ImportanceEstimator<P = unknown> {
  readonly name: string;
  readonly paramsSchema: z.ZodType<P>;
  readonly requires: readonly EvidenceKind[];
  /** `label surprise` estimators are refused for aleatoric targets (clicks). */
  readonly usesLabelSurprise: boolean;
  /** Claims to rank mislabelled samples low; the conformance suite then tests it. */
  readonly detectsLabelErrors: boolean;
  readonly unit: 'bits' | 'nats' | 'probability' | 'logits' | 'events' | 'utility' | 'none';
  readonly notes: EstimatorNotes;
  estimate(evidence: Evidence, params: P, random: Random): Float64Array;
  /** Of estimators that play a game over coalitions. */
  readonly game?: GameDeal<P>;
}
