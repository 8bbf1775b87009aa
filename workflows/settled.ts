import { isCancellation } from '@temporalio/workflow';
import type { Named, RunState } from './progress.js';
import type { StageRunner } from './stages.js';

/** Runs a job and shows how it ended. Continuing as new is no end. */
export async function settled<T>(
  state: RunState<Named>,
  runner: StageRunner,
  job: () => Promise<T>,
): Promise<T> {
  const settle = (as: RunState['state']): void => {
    state.state = as;
    runner.show();
  };
  try {
    const outcome = await job();
    settle('completed');
    return outcome;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ContinueAsNew') settle(endState(error));
    throw error;
  }
}

function endState(error: unknown): RunState['state'] {
  if (isCancellation(error)) return 'cancelled';
  return (error as { type?: string }).type === 'Aborted' ? 'aborted' : 'failed';
}
