import type { RunConfig } from '../config/runConfig.js';
import type { Approval } from '../contracts/run.js';
import type { StageResult } from '../contracts/stage.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import type { LoopOutcome } from './loop.js';
import type { Ground } from './pipeline.js';
import { stageOf, type RunState } from './progress.js';
import type { Shard } from './shards.js';
import type { FinalModel } from './validation.js';

/** Runs that began before there was a registry have no such setting. */
export const registers = (config: Partial<RunConfig>): boolean => config.register?.enabled ?? false;

export const modelName = ({ register, name }: RunConfig): string => register.name ?? name;

/** Looks up whom the challenger has to beat. */
export const championShard = (config: RunConfig): Omit<Shard, 'path'> => ({
  stage: 'champion',
  summary: `look up the champion of ${modelName(config)}`,
  seed: config.seed,
  params: { name: modelName(config) },
  inputs: {},
  fresh: true,
});

/** What the gate is told of the registered champion; nothing where there is none, or its weights are gone. */
export function championGiven(champion: StageResult | undefined) {
  const { weights, version, featurizer, classes, samples } = champion?.outputs ?? {};
  if (!champion || !weights) return { params: {}, inputs: {}, onDevice: {} };
  const { champion: name, model, engine } = champion.figures;
  return {
    params: { champion: { name: String(name), model: String(model), engine: String(engine) } },
    inputs: {
      'champion.version': version!,
      'champion.weights': weights,
      'champion.featurizer': featurizer!,
      'champion.classes': classes!,
      ...(samples ? { 'champion.samples': samples } : {}),
    },
    onDevice: { onDevice: true as const },
  };
}

/** What is known of the chosen model when it is registered. */
export interface Chosen {
  readonly clean: StageResult;
  readonly featurize: StageResult;
  readonly loop: LoopOutcome;
  readonly models: readonly FinalModel[];
  readonly analyse: StageResult | undefined;
  readonly champion: StageResult | undefined;
  readonly gate: StageResult | undefined;
  readonly answer: Approval | undefined;
}

/** Paths of the stages that a model is made by; the shard that trained it comes last. */
const MADE_BY = ['ingest', 'clean', 'learnFeatures', 'featurize', 'pretrain'];

/** Gives the chosen model its version. */
export function registerShard(
  runId: string,
  state: RunState,
  chosen: Chosen,
  { config, prepared }: Ground,
): Omit<Shard, 'path'> {
  const { incumbent } = chosen.loop;
  const final = chosen.models.find(({ name }) => name === 'weighted')!;
  const weights = incumbent.weights.get(FULL_UNIT);
  const stages = MADE_BY.flatMap((path) => {
    const shard = state.done[path];
    return shard ? [{ path, stage: stageOf(shard), stageKey: shard.result.stageKey }] : [];
  });
  const { featurizer } = chosen.featurize.outputs;
  return {
    stage: 'register',
    summary: `register a version of ${modelName(config)}`,
    seed: config.seed,
    params: {
      name: modelName(config),
      runId,
      config,
      policy: incumbent.policy,
      strength: final.strength,
      stages: [...stages, { path: 'loop.weighted', stage: 'fit', stageKey: final.fit.stageKey }],
      promote: promotion(chosen),
    },
    inputs: {
      model: final.fit.outputs['models']!,
      featurizer: featurizer!,
      classes: prepared['classes']!,
      samples: prepared['samples']!,
      dataset: chosen.clean.outputs['dataset']!,
      ...(weights ? { weights: [weights.ref] } : {}),
      ...(chosen.analyse?.outputs['analysis'] ? { analysis: chosen.analyse.outputs['analysis'] } : {}),
      ...(chosen.gate?.outputs['decision'] ? { gate: chosen.gate.outputs['decision'] } : {}),
    },
  };
}

/** Who makes it champion, and why; null where the gate or a person refused, or nobody was asked. */
function promotion({ gate, answer, champion }: Chosen) {
  const passed = gate?.figures['promoted'] === 1 && answer?.approved !== false;
  if (!passed || !champion) return null;
  const reason = String(gate.figures['reason']);
  const note = answer?.note === undefined ? '' : ` ${answer.note}`;
  return {
    by: answer?.by ?? 'gate',
    why: answer ? `${reason} Approved.${note}` : reason,
    expected: Number(champion.figures['move']),
  };
}
