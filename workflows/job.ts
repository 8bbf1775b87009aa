import type { RunConfig } from '../config/runConfig.js';
import type { ModelInput } from '../contracts/model.js';
import type { RunOutcome } from '../contracts/run.js';
import type { Artifacts } from '../contracts/stage.js';
import { analyseShard, gateShard, outcomeOutputs, reportShard } from './closing.js';
import { importedEncoder, pretrainedEncoder, type RunOne } from './encoder.js';
import type { Ground } from './pipeline.js';
import type { RunState } from './progress.js';
import type { RoundSteps } from './rounds.js';
import { reweightingLoop } from './loop.js';
import type { Shard, StageOptions, StageRunner } from './stages.js';
import { crossValidate, finalModels } from './validation.js';

/** What the configuration's model says of itself: workflows can't ask it. */
export interface ModelTraits {
  /** Its grid of regularisation, where the configuration names none. */
  readonly strengths: readonly number[];
  /** @default sparse */
  readonly input?: ModelInput['kind'];
  /** @default words */
  readonly tokenizer?: 'words' | 'wordpiece';
}

/** What the job needs of the world: a workflow, or a test's fakes. */
export interface JobHost {
  readonly runId: string;
  readonly runner: StageRunner;
  readonly nowMs: () => number;
  /** Called between rounds: a long run continues as new here. */
  readonly pause: () => Promise<void>;
}

const single = (shard: () => Omit<Shard, 'path'>, path: string) => () => [{ path, ...shard() }];

/** From a dataset to a judged, explained model: every stage in order, the loop in the middle. */
export async function trainingJob(
  state: RunState,
  traits: ModelTraits,
  { runId, runner, nowMs, pause }: JobHost,
): Promise<RunOutcome> {
  const one = async (path: string, shard: () => Omit<Shard, 'path'>, options?: StageOptions) =>
    (await runner.run(path, single(shard, path), options))?.[0];
  const config = (): RunConfig => state.config;

  const ingest = (await one('ingest', () => ({
    stage: 'ingest',
    summary: `read ${String(config().dataset.source)}`,
    seed: config().seed,
    params: { dataset: config().dataset },
    inputs: {},
    fresh: true,
  })))!;
  const clean = (await one('clean', () => ({
    stage: 'clean',
    summary: 'drop, clip, impute; check the data contract',
    seed: config().seed,
    params: { dataset: config().dataset, clean: config().clean },
    inputs: { dataset: ingest.outputs['dataset']!, quarantine: ingest.outputs['quarantine']! },
  })))!;
  const run: RunOne = async (path, shard) => (await one(path, shard))!;
  const imported = await importedEncoder(run, config);
  const featurize = (await one('featurize', () => ({
    stage: 'featurize',
    summary: 'features of text, attributes, numbers and categories',
    seed: config().seed,
    params: {
      task: config().task,
      columns: config().dataset.columns,
      features: config().features,
      nearDuplicates: config().clean.nearDuplicates,
      ...(traits.input ? { input: traits.input } : {}),
      ...(traits.tokenizer ? { tokenizer: traits.tokenizer } : {}),
    },
    inputs: {
      dataset: clean.outputs['dataset']!,
      ...(imported['vocabulary'] ? { vocabulary: imported['vocabulary'] } : {}),
    },
  })))!;
  const pretrained = await pretrainedEncoder(run, config, featurize.outputs, imported);

  const { samples, features, classes } = featurize.outputs;
  const prepared: Artifacts = { samples: samples!, features: features!, classes: classes!, ...pretrained };
  const steps: RoundSteps = {
    runner,
    nowMs,
    pause,
    ground: (): Ground => ({
      config: config(),
      prepared,
      strengths: config().loop.strengths ?? traits.strengths,
      dataset: clean.outputs['dataset']!,
    }),
    onRound: (round, metric) => {
      state.round = round;
      state.metric = metric;
      runner.show();
    },
  };
  const loop = await reweightingLoop(steps, { seed: config().seed, outerFolds: config().loop.outerFolds });

  const crossValidation = await crossValidate(steps, loop);
  const models = await finalModels(steps, loop);
  const analyse = await one('analyse', () => analyseShard(steps.ground(), clean, featurize, models), {
    skippable: true,
  });
  const gate =
    analyse &&
    (await one('gate', () => gateShard(steps.ground(), loop, analyse), {
      skippable: true,
    }));
  const done = { clean, featurize, loop, crossValidation, models, analyse, gate };
  const report = await one('report', () => reportShard(runId, state, done, steps.ground()), {
    skippable: true,
  });
  return {
    state: 'completed',
    outputs: outcomeOutputs(done, report),
    figures: { policy: loop.incumbent.policy, reason: loop.reason, ...analyse?.figures, ...gate?.figures },
  };
}
