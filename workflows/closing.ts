import type { Artifacts, StageResult } from '../contracts/stage.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { engineOf, type Ground } from './pipeline.js';
import { stageOf, type RunState } from './progress.js';
import { championGiven } from './registering.js';
import type { LoopOutcome } from './loop.js';
import type { Tuned } from './tuning.js';
import type { FinalModel } from './validation.js';

/** Opens the test split, once. */
export function analyseShard(
  ground: Ground,
  clean: StageResult,
  featurize: StageResult,
  models: readonly FinalModel[],
) {
  const { config, prepared } = ground;
  return {
    stage: 'analyse',
    onDevice: true as const,
    summary: 'open the test split: metrics, slices, calibration',
    seed: config.seed,
    params: {
      task: config.task,
      ...(config.loop.metric ? { metric: config.loop.metric } : {}),
      columns: config.dataset.columns,
      analyse: config.analyse,
      model: config.model.name,
      ...engineOf(config),
      arms: models.map(({ name, policy, strength }) => ({ name, policy, strength })),
    },
    inputs: {
      ...prepared,
      dataset: clean.outputs['dataset']!,
      featurizer: featurize.outputs['featurizer']!,
      ...Object.fromEntries(models.map(({ name, fit }) => [`model.${name}`, fit.outputs['models']!])),
    },
  };
}

/** Asks whether the challenger may take the champion's place. */
export function gateShard(
  ground: Ground,
  loop: LoopOutcome,
  analyse: StageResult,
  clean: StageResult,
  champion: StageResult | undefined,
) {
  const { config, prepared } = ground;
  const given = championGiven(champion);
  return {
    stage: 'gate',
    summary: 'champion against challenger on the test split',
    seed: config.seed,
    params: {
      task: config.task,
      ...(config.loop.metric ? { metric: config.loop.metric } : {}),
      gate: { ...config.gate, approval: undefined }, // who is asked afterwards is no parameter of the comparison
      policy: loop.incumbent.policy,
      effectiveSampleSize: loop.incumbent.effectiveSampleSize,
      columns: config.dataset.columns,
      ...(config.analyse.slices.columns ? { sliceColumns: config.analyse.slices.columns } : {}),
      ...given.params,
    },
    ...given.onDevice,
    inputs: {
      samples: prepared['samples']!,
      classes: prepared['classes']!,
      analysis: analyse.outputs['analysis']!,
      predictions: analyse.outputs['predictions']!,
      dataset: clean.outputs['dataset']!,
      ...given.inputs,
    },
  };
}

/** Results of all stages before the report. */
export interface Finished {
  readonly clean: StageResult;
  readonly featurize: StageResult;
  readonly loop: LoopOutcome;
  readonly profile?: StageResult | undefined;
  readonly tuned?: Tuned | undefined;
  readonly crossValidation: StageResult | undefined;
  readonly models: readonly FinalModel[];
  readonly analyse: StageResult | undefined;
  readonly gate: StageResult | undefined;
  readonly registered: StageResult | undefined;
}

const optional = (name: string, result: StageResult | undefined, output: string): Artifacts =>
  result?.outputs[output] ? { [name]: result.outputs[output] } : {};

/** Gathers what the report shows. */
export function reportShard(runId: string, state: RunState, done: Finished, ground: Ground) {
  const { config, prepared } = ground;
  const { incumbent, choices, boosts, scored } = done.loop;
  return {
    stage: 'report',
    summary: 'one page that explains the run',
    seed: config.seed,
    params: {
      runId,
      config: config,
      stages: state.stages,
      policy: incumbent.policy,
      mixedWithUniform: incumbent.mixedWithUniform,
      // By key: the stage reads from the cache what each of them read and wrote.
      lineage: Object.entries(state.done).map(([path, shard]) => ({
        path,
        stage: stageOf(shard),
        stageKey: shard.result.stageKey,
      })),
      loopEnded: done.loop.reason,
      ...(state.approval ? { approval: { ...state.approval } } : {}),
      ...(done.registered ? { registered: registeredAs(done.registered) } : {}),
      ...(state.successor ? { successorOf: { ...state.successor } } : {}),
    },
    inputs: {
      ...prepared,
      dataset: done.clean.outputs['dataset']!,
      quarantine: done.clean.outputs['quarantine']!,
      ...optional('contract', done.clean, 'contract'),
      ...optional('knowledge', done.clean, 'knowledgeSummary'),
      ...optional('profile', done.profile, 'profile'),
      ...optional('tuning', done.tuned?.result, 'tuning'),
      decisions: choices.flatMap(({ result }) => result.outputs['decision']!),
      boosts: boosts.flatMap(({ judged }) => judged.outputs['decision']!),
      ...optional('scores', scored, 'scores'),
      ...(incumbent.weights.get(FULL_UNIT) ? { weights: [incumbent.weights.get(FULL_UNIT)!.ref] } : {}),
      ...optional('evidence', scored, 'best'),
      ...optional('crossValidation', done.crossValidation, 'crossValidation'),
      ...optional('analysis', done.analyse, 'analysis'),
      ...optional('gate', done.gate, 'decision'),
    },
  };
}

const registeredAs = ({ figures }: StageResult) => ({
  model: String(figures['model']),
  promoted: figures['promoted'] === 1,
  ...(figures['promotion'] === undefined ? {} : { told: String(figures['promotion']) }),
});

/** What a run leaves behind, by name. */
export function outcomeOutputs(done: Finished, report: StageResult | undefined): Artifacts {
  return {
    ...done.clean.outputs,
    ...done.featurize.outputs,
    ...optional('scores', done.loop.scored, 'scores'),
    ...optional('weights', done.loop.scored, 'weights'),
    model: done.models.find(({ name }) => name === 'weighted')!.fit.outputs['models']!,
    ...optional('analysis', done.analyse, 'analysis'),
    ...optional('gate', done.gate, 'decision'),
    ...optional('card', done.registered, 'card'),
    ...optional('report', report, 'report'),
    ...optional('markdown', report, 'markdown'),
    ...optional('summary', report, 'summary'),
  };
}
