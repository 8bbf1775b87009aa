import type { RunConfig } from '../config/runConfig.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import type { EvidencePlan } from '../core/importance/evidencePlan.js';
import type { Shard } from './shards.js';
import { FULL_UNIT } from '../core/loop/unit.js';

/** One training side: outer fold k held out, or `FULL_UNIT` (all training rows; the validation split is held out). */
export type Unit = number;

export const unitsOf = (scheme: Scheme, withFull: boolean): Unit[] => [
  ...Array.from({ length: scheme.outerFolds }, (_, k) => k),
  ...(withFull ? [FULL_UNIT] : []),
];
export const unitName = (unit: Unit): string => (unit === FULL_UNIT ? 'full' : String(unit));

/** Weights of each unit: one column a policy. Undefined: uniform. */
export type UnitWeights = ReadonlyMap<Unit, { readonly ref: ArtifactRef; readonly policy: string }>;

/** What all training shards of a run share. */
export interface Ground {
  readonly config: RunConfig;
  readonly prepared: Artifacts; // samples, features, classes, and the pretrained encoder where there is one
  readonly strengths: readonly number[];
  /** The cleaned table that `samples` was made from, row for row. */
  readonly dataset: Artifacts[string];
  /** What people's rules say of the targets of `dataset`. */
  readonly votes?: ArtifactRef[];
  /** What its estimator wants beside out-of-fold logits; runs that began before there was a choice have none. */
  readonly evidence?: EvidencePlan;
}

/** Predictions of several training shards. */
export const predictionsOf = (results: readonly StageResult[]): ArtifactRef[] =>
  results.flatMap((result) => result.outputs['predictions']!);

/** Runs that began before there was a choice of engines have none in their configuration. */
export const engineOf = ({ training }: { readonly training?: RunConfig['training'] }) =>
  training ? { engine: training.engine } : {};

/** Where an encoder came from is no parameter of training: the encoder itself is among the inputs. */
export const withoutOrigin = (model: RunConfig['model']): object =>
  Object.fromEntries(Object.entries(model).filter(([key]) => key !== 'from'));

/** What every stage that trains on a unit is told. */
export const common = ({ config, strengths }: Ground, scheme: Scheme, unit: Unit) => ({
  task: config.task,
  model: withoutOrigin(config.model),
  ...engineOf(config),
  strengths: [...strengths],
  scheme: { ...scheme },
  unit,
});

/** The table and the column of a unit's weights. */
export const weightsInput = (weights: UnitWeights, unit: Unit): { inputs: Artifacts; policy: string } => {
  const found = weights.get(unit);
  return found
    ? { inputs: { weights: [found.ref] }, policy: found.policy }
    : { inputs: {}, policy: 'uniform' };
};

export interface FitOptions {
  /** Store the trained models too (one for each strength). */
  readonly keepModels?: boolean;
  /** Shuffle the weights within class and fold: the control. */
  readonly shuffled?: boolean;
}

/** Trains each unit with its weights over the grid of strengths, and predicts what it holds out. */
export function fitShards(
  path: string,
  ground: Ground,
  scheme: Scheme,
  units: readonly Unit[],
  weights: UnitWeights,
  options: FitOptions = {},
): Shard[] {
  return units.map((unit) => {
    const { inputs, policy } = weightsInput(weights, unit);
    return {
      path: `${path}.fit.${options.shuffled ? 'shuffled' : policy}.${unitName(unit)}`,
      stage: 'fit',
      summary: `train ${String(ground.config.model.name)}, weights ${options.shuffled ? `shuffled ${policy}` : policy}: unit ${unitName(unit)}`,
      seed: ground.config.seed,
      params: {
        ...common(ground, scheme, unit),
        policy,
        keepModels: options.keepModels ?? false,
        shuffled: options.shuffled ?? false,
      },
      inputs: { ...ground.prepared, ...inputs },
      onDevice: true,
    };
  });
}
