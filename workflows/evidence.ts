import type { Artifacts, StageResult } from '../contracts/stage.js';
import { ofRepeat } from '../core/loop/unit.js';
import { common, type Ground, unitName, weightsInput } from './pipeline.js';
import type { Scoring } from './scoring.js';
import type { Shard } from './shards.js';

/** Runs that began before scores were repeated have no such setting. */
export const repeatsOf = ({ config }: Ground): number =>
  (config.importance as Partial<typeof config.importance>).reliability?.repeats ?? 1;

/** What the user says, or what suits model and task. */
export const refinementsOf = ({ config, evidence }: Ground): number =>
  (config.importance as Partial<typeof config.importance>).refinements ?? evidence?.refinements ?? 0;

/** Every inner fold of every cross-fit of a unit. */
export const crossFits = (ground: Ground): { readonly repeat: number; readonly fold: number }[] =>
  Array.from({ length: repeatsOf(ground) }, (_, repeat) =>
    Array.from({ length: ground.config.importance.folds }, (__, fold) => ({ repeat, fold })),
  ).flat();

/** Out-of-fold evidence: every inner fold of every unit is one shard. */
export function evidenceShards({ shardPath, scheme, units, current }: Scoring, ground: Ground): Shard[] {
  const { folds } = ground.config.importance;
  return units.flatMap((unit) => {
    const { inputs, policy } = weightsInput(current, unit);
    return crossFits(ground).map(({ repeat, fold }): Shard => {
      const again = repeat === 0 ? '' : ` again (${repeat + 1})`;
      return {
        path: ofRepeat(`${shardPath}.evidence.${unitName(unit)}.${fold}`, repeat),
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

/** The same by models that were trained with the weights of the evidence so far. */
export function refineShards(
  { shardPath, scheme, units }: Scoring,
  ground: Ground,
  made: readonly Artifacts[],
  round: number,
): Shard[] {
  const { importance, loop, seed } = ground.config;
  return units.flatMap((unit, u) =>
    crossFits(ground).map(({ repeat, fold }): Shard => {
      const refined = made[u]![ofRepeat('refined', repeat)];
      return {
        path: ofRepeat(`${shardPath}.refine.${round}.${unitName(unit)}.${fold}`, repeat),
        stage: 'refine',
        summary: `refined evidence (${round}): unit ${unitName(unit)}, fold ${fold + 1} of ${importance.folds}`,
        seed,
        params: {
          ...common(ground, scheme, unit),
          ...(loop.metric ? { metric: loop.metric } : {}),
          innerFolds: importance.folds,
          fold,
          ...(repeat === 0 ? {} : { repeat }),
          minEffectiveSampleSize: loop.minEffectiveSampleSize,
          duplicateCap: loop.duplicateCap,
        },
        inputs: {
          ...ground.prepared,
          evidence: made[u]![ofRepeat('evidence', repeat)]!,
          ...(refined ? { refined } : {}),
        },
        onDevice: true,
      };
    }),
  );
}

/** What evidence was made of each unit: `name` is the first cross-fit's input, `name.1` the next one's. */
export function evidenceByUnit(
  { units }: Scoring,
  ground: Ground,
  results: readonly StageResult[],
  name: string,
): Artifacts[] {
  const own = crossFits(ground);
  return units.map((_, u) => {
    const made: Record<string, StageResult['outputs'][string]> = {};
    own.forEach(({ repeat }, at) => {
      const input = ofRepeat(name, repeat);
      made[input] = [...(made[input] ?? []), ...results[u * own.length + at]!.outputs['evidence']!];
    });
    return made;
  });
}
