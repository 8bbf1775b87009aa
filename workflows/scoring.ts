import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import {
  crossFits,
  evidenceByUnit,
  evidenceShards,
  refinementsOf,
  refineShards,
  repeatsOf,
} from './evidence.js';
import { playedGames } from './games.js';
import { common, type Ground, type Unit, unitName, type UnitWeights, weightsInput } from './pipeline.js';
import type { RoundSteps } from './rounds.js';
import type { Shard } from './shards.js';

/** Where scores are made: a stage, what tells its shards apart, and the units that it is for. */
export interface Scoring {
  /** Of the stage's row. */
  readonly path: string;
  /** Where one stage makes weights more than once, other than its path. */
  readonly shardPath: string;
  readonly scheme: Scheme;
  readonly units: readonly Unit[];
  /** Of the model that makes the evidence. */
  readonly current: UnitWeights;
}

/**
 * Scores and weights of every unit, made from its own training rows only; each kind of evidence is made once. Undefined
 * when an operator skipped it.
 */
export async function makeWeights(
  steps: RoundSteps,
  scoring: Scoring,
  policies: readonly string[],
): Promise<Map<Unit, StageResult> | undefined> {
  const run = (shards: () => readonly Shard[]): Promise<StageResult[] | undefined> =>
    steps.runner.run(scoring.path, shards, { skippable: true });
  const first = await run(() => [
    ...evidenceShards(scoring, steps.ground()),
    ...descentShards(scoring, steps.ground()),
  ]);
  if (!first) return undefined;
  const made = evidenceByUnit(scoring, steps.ground(), first, 'evidence').map((own, u) => ({
    ...own,
    ...descended(scoring, steps.ground(), first, u),
  }));
  for (let round = 1; round <= refinementsOf(steps.ground()); round++) {
    const again = await run(() => refineShards(scoring, steps.ground(), made, round));
    if (!again) return undefined;
    evidenceByUnit(scoring, steps.ground(), again, 'refined').forEach((own, u) =>
      Object.assign(made[u]!, own),
    );
  }
  if (steps.ground().evidence?.dynamics) {
    const learned = await run(() => dynamicsShards(scoring, steps.ground(), made));
    if (!learned) return undefined;
    learned.forEach(({ outputs }, u) => Object.assign(made[u]!, { dynamics: outputs['dynamics']! }));
  }
  if (steps.ground().evidence?.game) {
    const played = await playedGames(
      (shards, isEnough) =>
        steps.runner.run(scoring.path, shards, { skippable: true, ...(isEnough ? { isEnough } : {}) }),
      () => steps.ground(),
      scoring,
    );
    if (!played) return undefined;
    played.forEach((tally, u) => Object.assign(made[u]!, { tally }));
  }
  const weighed = await run(() => weighShards(scoring, steps.ground(), made, policies));
  return weighed && new Map(scoring.units.map((unit, u) => [unit, weighed[u]!]));
}

/** A descent of a linear model over the features of each unit, where the estimator wants what it leaves. */
function descentShards({ shardPath, scheme, units, current }: Scoring, ground: Ground): Shard[] {
  const { evidence, config, prepared } = ground;
  if (!evidence || evidence.descent.length === 0) return [];
  return units.map((unit) => {
    const { inputs, policy } = weightsInput(current, unit);
    return {
      path: `${shardPath}.descent.${unitName(unit)}`,
      stage: 'descent',
      summary: `descent of a linear model: unit ${unitName(unit)}`,
      seed: config.seed,
      params: {
        estimator: config.importance.estimator,
        scheme: { ...scheme },
        unit,
        policy,
        keep: [...evidence.descent],
      },
      inputs: { ...samplesOf(prepared), ...inputs },
    };
  });
}

/** What a unit's descent left. */
function descended(
  { units }: Scoring,
  ground: Ground,
  results: readonly StageResult[],
  at: number,
): Artifacts {
  const left = results[units.length * crossFits(ground).length + at]?.outputs ?? {};
  return Object.fromEntries(Object.entries(left).filter(([, refs]) => refs.length > 0));
}

/** One fit of each unit that logs its logits, at the strength that its own evidence favours. */
function dynamicsShards(
  { shardPath, scheme, units, current }: Scoring,
  ground: Ground,
  made: readonly Artifacts[],
): Shard[] {
  const { importance, loop, seed } = ground.config;
  return units.map((unit, u) => {
    const { inputs, policy } = weightsInput(current, unit);
    return {
      path: `${shardPath}.dynamics.${unitName(unit)}`,
      stage: 'dynamics',
      summary: `training dynamics: unit ${unitName(unit)}`,
      seed,
      params: {
        ...common(ground, scheme, unit),
        ...(loop.metric ? { metric: loop.metric } : {}),
        innerFolds: importance.folds,
        policy,
      },
      inputs: { ...ground.prepared, ...inputs, evidence: made[u]!['evidence']! },
      onDevice: true,
    };
  });
}

/** Scores and weights of each unit, from its own evidence. */
function weighShards(
  { shardPath, scheme, units }: Scoring,
  ground: Ground,
  made: readonly Artifacts[],
  policies: readonly string[],
): Shard[] {
  const { importance, loop, seed, task, dataset } = ground.config;
  const { source } = importance;
  const repeats = repeatsOf(ground);
  const readsDataset = ground.evidence?.groups === true || source !== undefined;
  return units.map((unit, u) => ({
    path: `${shardPath}.weigh.${unitName(unit)}`,
    stage: 'weigh',
    summary: `${importance.estimator} scores and weights: unit ${unitName(unit)}`,
    seed,
    params: {
      task,
      estimator: { name: importance.estimator, params: importance.params },
      policies: [...policies],
      minEffectiveSampleSize: loop.minEffectiveSampleSize,
      duplicateCap: loop.duplicateCap,
      ...(loop.metric ? { metric: loop.metric } : {}),
      ...(repeats > 1 ? { repeats } : {}),
      ...(source === undefined
        ? {}
        : { source: { name: source, column: source === dataset.columns.group ? 'group' : source } }),
      scheme: { ...scheme },
      unit,
      innerFolds: importance.folds,
    },
    inputs: {
      ...samplesOf(ground.prepared),
      ...made[u],
      ...(readsDataset ? { dataset: ground.dataset } : {}),
      ...(ground.votes && policies.some((policy) => policy.includes('rule_agreement'))
        ? { votes: ground.votes }
        : {}),
    },
  }));
}

/** Samples and their features, without an encoder. */
export const samplesOf = ({ samples, features, classes }: Artifacts): Artifacts => ({
  samples: samples!,
  features: features!,
  classes: classes!,
});
