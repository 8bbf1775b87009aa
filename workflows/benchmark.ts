import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { BenchmarkConfig } from '../contracts/benchmark.js';
import type { RunOutcome } from '../contracts/run.js';
import { benchmarkJob, newBenchmarkState, type BenchmarkState } from './benchmarkJob.js';
import { createStageRunner } from './stages.js';
import { settled } from './settled.js';

export interface BenchmarkInput {
  readonly config: BenchmarkConfig;
  /** Present when the benchmark continues as new: everything that is done is taken from here. */
  readonly state?: BenchmarkState;
}

/** Estimators side by side: a fan-out over data set × noise × seed × estimator, then a leaderboard. */
export async function benchmark(input: BenchmarkInput): Promise<RunOutcome> {
  const state = input.state ?? newBenchmarkState(input.config);
  const runner = createStageRunner(state);
  return settled(state, runner, () =>
    benchmarkJob(state, {
      runner,
      pause: async () => {
        if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof benchmark>({ ...input, state });
      },
    }),
  );
}
