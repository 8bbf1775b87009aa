import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import { ConfigError, StoreError } from '../contracts/errors.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { InputKind } from '../contracts/model.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { innerFolds, unitRows } from '../core/choice/division.js';
import {
  evidenceOf,
  type EvidenceGrid,
  type OutOfFold,
  type PickedEvidence,
} from '../core/choice/evidenceStrength.js';
import { ofRepeat } from '../core/loop/unit.js';
import type { FeatureRows, LinearCheckpoint, TrainingDynamics } from '../core/importance/index.js';
import { vectors } from '../core/table.js';
import { taskOf } from '../core/tasks/index.js';
import { choiceMetric } from './choiceMetric.js';
import { SchemeParams } from './params.js';
import { inputRows, loadPrepared, loadSamples, type SampleTable } from './prepared.js';
import { readPredictions } from './unit.js';

/** A unit, and how its own rows are cut again. */
export const InnerParams = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  scheme: SchemeParams,
  unit: z.int().min(-1),
  innerFolds: z.int().min(2),
});
export type InnerParams = z.infer<typeof InnerParams>;

/** A unit's training rows, and what was predicted of them out of fold. */
export interface PredictedUnit {
  readonly samples: SampleTable;
  readonly training: Int32Array; // rows of the run's table
  readonly grid: EvidenceGrid; // of these rows, in their order
}

/** What out-of-fold predictions say of a unit's training rows. */
export interface UnitEvidence extends PickedEvidence, Omit<PredictedUnit, 'grid'> {}

/**
 * Out-of-fold predictions of a unit over the grid of strengths.
 *
 * @param name of the input that holds them
 * @param order of the strengths, strongest regularisation first
 */
export async function predictedUnit(
  params: Omit<InnerParams, 'innerFolds'>,
  inputs: Artifacts,
  name: string,
  context: StageContext,
  order: (a: number, b: number) => number = (a, b) => a - b,
): Promise<PredictedUnit> {
  const samples = await loadSamples(inputs, context);
  const task = taskOf(params.task);
  const { training } = unitRows(samples, params.scheme, params.unit);
  const grid = {
    task,
    metric: params.metric ?? choiceMetric(task, samples),
    targets: Int32Array.from(training, (row) => samples.targets[row]!),
    groups: training.map((row) => samples.groups[row]!),
    outputs: samples.classes.length,
    predicted: await outOfFold(inputs, name, context, order),
  };
  return { samples, training, grid };
}

/** Predictions of an input, by strength. */
export async function outOfFold(
  inputs: Artifacts,
  name: string,
  context: StageContext,
  order: (a: number, b: number) => number,
): Promise<OutOfFold[]> {
  const byStrength = await readPredictions(inputs, name, context);
  const strengths = [...byStrength.keys()].sort(order);
  return strengths.map((strength) => ({ strength, logits: byStrength.get(strength)!.logits }));
}

/**
 * Out-of-fold evidence of a unit: of all strengths, and of what was refined from them, what predicts given labels best.
 *
 * @param repeat which of several cross-fits
 */
export async function predictedEvidence(
  params: InnerParams,
  inputs: Artifacts,
  context: StageContext,
  repeat = 0,
): Promise<UnitEvidence> {
  const { samples, training, grid } = await predictedUnit(
    params,
    inputs,
    ofRepeat('evidence', repeat),
    context,
  );
  const refined = await outOfFold(inputs, ofRepeat('refined', repeat), context, (a, b) => a - b);
  const folds = innerFolds(samples, training, params.scheme, params.innerFolds, repeat);
  return { samples, training, ...evidenceOf(grid, folds, refined) };
}

/**
 * Features of some rows, for an estimator.
 *
 * @throws ConfigError where the model is fed something else
 */
export async function featuresOf(
  estimator: string,
  rows: Int32Array,
  inputs: Artifacts,
  context: StageContext,
): Promise<FeatureRows> {
  const { input } = await loadPrepared(inputs, context);
  const features = inputRows(input, rows);
  if (features.kind === 'sparse' || features.kind === 'dense') return features;
  if (features.kind === 'blocks') throw new RangeError('estimators take features in memory');
  throw new ConfigError(
    `importance.estimator: ${estimator} needs features, and this model is fed ${fedWith(features.kind)}: ` +
      'take an estimator of out-of-fold predictions (pvi, noise_posterior, …), or a model of feature columns',
  );
}

const fedWith = (kind: InputKind): string => (kind === 'pair' ? 'pairs of texts' : 'sequences of tokens');

/** Logits of a unit's rows after each epoch, as the stages `dynamics` and `descent` write them. */
export async function readDynamics(
  ref: ArtifactRef,
  rows: number,
  outputs: number,
  { artifacts }: StageContext,
): Promise<TrainingDynamics> {
  const epochs = ref.rows / rows;
  if (!Number.isInteger(epochs)) {
    throw new StoreError(`dynamics: expected all ${rows} rows in every epoch, got ${ref.rows} rows`);
  }
  const logits = new Float32Array(ref.rows * outputs);
  let at = 0;
  for await (const batch of artifacts.readTable(ref, { columns: ['logits'] })) {
    const { values } = vectors(batch, 'logits');
    logits.set(values, at);
    at += values.length;
  }
  return { epochs, logits };
}

/** Checkpoints in order of training, as {@link checkpointTensors} names them. */
export async function readCheckpoints(
  ref: ArtifactRef,
  { artifacts }: StageContext,
): Promise<LinearCheckpoint[]> {
  const tensors = await artifacts.readModel(ref);
  const data = (name: string): Float64Array => {
    const found = tensors.find((tensor) => tensor.name === name);
    if (!found) throw new StoreError(`checkpoints: expected a tensor ${name}`);
    return Float64Array.from(found.data);
  };
  const rates = data('learningRates');
  return Array.from(rates, (learningRate, t) => ({
    ...{ weights: data(`${t}.weights`), intercept: data(`${t}.intercept`), learningRate },
  }));
}

/** Checkpoints as named arrays; {@link readCheckpoints} reads them back. */
export const checkpointTensors = (checkpoints: readonly LinearCheckpoint[]) => [
  ...checkpoints.flatMap(({ weights, intercept }, t) => [
    { name: `${t}.weights`, shape: [weights.length / intercept.length, intercept.length], data: weights },
    { name: `${t}.intercept`, shape: [intercept.length], data: intercept },
  ]),
  {
    name: 'learningRates',
    shape: [checkpoints.length],
    data: Float64Array.from(checkpoints, ({ learningRate }) => learningRate),
  },
];
