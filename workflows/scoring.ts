import type { ArtifactRef } from '../contracts/artifact.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import { playedGames } from './games.js';
import { common, type Ground, type Unit, unitName, type UnitWeights, weightsInput } from './pipeline.js';
import type { RoundSteps } from './rounds.js';
import type { Shard } from './stages.js';

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
  const made = sortedByUnit(scoring, steps.ground(), first);
  if (steps.ground().evidence?.dynamics) {
    const learned = await run(() => dynamicsShards(scoring, steps.ground(), made));
    if (!learned) return undefined;
    learned.forEach(({ outputs }, u) => Object.assign(made[u]!, { dynamics: outputs['dynamics']! }));
  }
  if (steps.ground().evidence?.game) {
    const played = await playedGames(run, () => steps.ground(), scoring);
    if (!played) return undefined;
    played.forEach((tally, u) => Object.assign(made[u]!, { tally }));
  }
  const weighed = await run(() => weighShards(scoring, steps.ground(), made, policies));
  return weighed && new Map(scoring.units.map((unit, u) => [unit, weighed[u]!]));
}

/** Runs that began before scores were repeated have no such setting. */
const repeatsOf = ({ config }: Ground): number =>
  (config.importance as Partial<typeof config.importance>).reliability?.repeats ?? 1;

/** Out-of-fold evidence: every inner fold of every unit is one shard. */
function evidenceShards({ shardPath, scheme, units, current }: Scoring, ground: Ground): Shard[] {
  const { folds } = ground.config.importance;
  return units.flatMap((unit) => {
    const { inputs, policy } = weightsInput(current, unit);
    return Array.from({ length: repeatsOf(ground) * folds }, (_, at): Shard => {
      const [repeat, fold] = [Math.floor(at / folds), at % folds];
      const again = repeat === 0 ? '' : ` again (${repeat + 1})`;
      return {
        path: `${shardPath}.evidence.${unitName(unit)}.${fold}${repeat === 0 ? '' : `.${repeat}`}`,
        stage: 'evidence',
        summary: `evidence${again}: unit ${unitName(unit)}, fold ${fold + 1} of ${folds}`,
        seed: ground.config.seed,
        params: {
          ...common(ground, scheme, unit),
          innerFolds: folds,
          fold,
          policy,
          ...(repeat === 0 ? {} : { repeat }),
        },
        inputs: { ...ground.prepared, ...inputs },
        onDevice: true as const,
      };
    });
  });
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

/** What was made of each unit, by the name of the input that it becomes. */
function sortedByUnit(
  { units }: Scoring,
  ground: Ground,
  results: readonly StageResult[],
): Record<string, ArtifactRef[]>[] {
  const { folds } = ground.config.importance;
  const repeats = repeatsOf(ground);
  return units.map((_, u) => {
    const own: Record<string, ArtifactRef[]> = {};
    for (let repeat = 0; repeat < repeats; repeat++) {
      const from = (u * repeats + repeat) * folds;
      own[repeat === 0 ? 'evidence' : `evidence.${repeat}`] = results
        .slice(from, from + folds)
        .flatMap(({ outputs }) => outputs['evidence']!);
    }
    const descended = results[units.length * repeats * folds + u]?.outputs ?? {};
    const kept = Object.entries(descended).filter(([, refs]) => refs.length > 0);
    return { ...own, ...Object.fromEntries(kept) };
  });
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
