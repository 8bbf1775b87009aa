import { continueAsNew, patched, workflowInfo } from '@temporalio/workflow';
import type { RunConfig } from '../config/runConfig.js';
import type { RunOutcome, Successor } from '../contracts/run.js';
import type { Figures } from '../contracts/stage.js';
import { announce } from './notification.js';
import { newRunState, type RunState } from './progress.js';
import { trainingJob, type ModelTraits } from './job.js';
import { approvalOf, listenToOperators } from './operators.js';
import { settled } from './settled.js';
import { createStageRunner } from './stages.js';

export interface TrainInput extends ModelTraits {
  readonly config: RunConfig;
  /** Where networks are computed. @default cpu */
  readonly device?: 'cpu' | 'gpu';
  /** Present when the run does anew what another did. */
  readonly successor?: Successor;
  /** Present when the run continues as new: everything that is done is taken from here. */
  readonly state?: RunState;
}

/** The main job: one dataset to a judged, explained model. */
export async function train(input: TrainInput): Promise<RunOutcome> {
  const state = input.state ?? newRunState(input.config, input.successor);
  state.startedAtMs ??= Date.now();
  const runner = createStageRunner(state, input.device);
  listenToOperators(state, runner);
  return settled(state, runner, () =>
    trainingJob(state, input, {
      runId: workflowInfo().workflowId,
      runner,
      nowMs: () => Date.now(),
      approval: () => approvalOf(state, runner),
      sharesFeatures: () => patched('features-in-shares'),
      readsApart: () => patched('reads-files-apart'),
      drifted: (figures) => tellDrift(state, figures),
      pause: async () => {
        if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof train>({ ...input, state });
      },
    }),
  );
}

/** Once a run, however often that continues as new. Runs that began before drift was told of go on without. */
async function tellDrift(state: RunState, figures: Figures): Promise<void> {
  const isAsked = state.config.notify?.some(({ on }) => on.includes('drift')) ?? false;
  if (!isAsked || state.hasToldDrift || !patched('tell-drift')) return;
  state.hasToldDrift = true;
  await announce(state, 'drift', { stage: 'profile', figures });
}
