import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { RunConfig } from '../config/runConfig.js';
import type { RunOutcome } from '../contracts/run.js';
import type { Artifacts } from '../contracts/stage.js';
import { analyseShard, gateShard, outcomeOutputs, reportShard } from './closing.js';
import type { Ground } from './pipeline.js';
import { newRunState, type RunState } from './progress.js';
import { reweightingLoop, type RoundSteps } from './rounds.js';
import { createStageRunner, type Shard, type StageOptions, type StageRunner } from './stages.js';
import { crossValidate, finalModels } from './validation.js';

export interface TrainInput {
  readonly config: RunConfig;
  /** The model's grid of regularisation strengths, where the config names none. */
  readonly strengths: readonly number[];
  /** Present when the run continues as new: everything that is done is taken from here. */
  readonly state?: RunState;
}

/** The main job: one dataset to a judged, explained model. */
export async function train(input: TrainInput): Promise<RunOutcome> {
  const state = input.state ?? newRunState(input.config);
  const runner = createStageRunner(state);
  const settle = (as: RunState['state']): void => {
    state.state = as;
    runner.show();
  };
  try {
    const outcome = await pipeline(state, input, runner);
    settle('completed');
    return outcome;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ContinueAsNew') settle(endState(error));
    throw error;
  }
}

function endState(error: unknown): RunState['state'] {
  const { name, type } = error as { name?: string; type?: string };
  if (name === 'CancelledFailure') return 'cancelled';
  return type === 'Aborted' ? 'aborted' : 'failed';
}

const single = (shard: () => Omit<Shard, 'path'>, path: string) => () => [{ path, ...shard() }];

async function pipeline(state: RunState, input: TrainInput, runner: StageRunner): Promise<RunOutcome> {
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
  const featurize = (await one('featurize', () => ({
    stage: 'featurize',
    summary: 'features of text, attributes, numbers and categories',
    seed: config().seed,
    params: {
      task: config().task,
      columns: config().dataset.columns,
      features: config().features,
      nearDuplicates: config().clean.nearDuplicates,
    },
    inputs: { dataset: clean.outputs['dataset']! },
  })))!;

  const { samples, features, classes } = featurize.outputs;
  const prepared: Artifacts = { samples: samples!, features: features!, classes: classes! };
  const steps: RoundSteps = {
    runner,
    nowMs: () => Date.now(),
    ground: (): Ground => ({
      config: config(),
      prepared,
      strengths: config().loop.strengths ?? input.strengths,
    }),
    onRound: (round, metric) => {
      state.round = round;
      state.metric = metric;
      runner.show();
    },
  };
  const loop = await reweightingLoop(steps, { seed: config().seed, outerFolds: config().loop.outerFolds });
  if (workflowInfo().continueAsNewSuggested) {
    await continueAsNew<typeof train>({ ...input, state });
  }

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
  const report = await one('report', () => reportShard(state, done, steps.ground()), { skippable: true });
  return {
    state: 'completed',
    outputs: outcomeOutputs(done, report),
    figures: { policy: loop.incumbent.policy, reason: loop.reason, ...analyse?.figures, ...gate?.figures },
  };
}
