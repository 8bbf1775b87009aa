import { isCancellation } from '@temporalio/workflow';
import type { Figures } from '../contracts/stage.js';
import { announce } from './notification.js';
import { currentStage, type Named, type RunState } from './progress.js';
import type { StageRunner } from './stages.js';

interface Ended {
  readonly state: RunState['state'];
  /** Of a run. */
  readonly figures?: Figures;
}

/** Runs a job and shows how it ended, and tells people of it. Continuing as new is no end. */
export async function settled<T extends Ended>(
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
    settle(outcome.state);
    await announceEnd(state, outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ContinueAsNew') {
      const end = endState(error);
      const stage = currentStage(state);
      settle(end);
      if (end !== 'cancelled' && !state.isFiring)
        await announce(state, 'failed', { stage, error: messageOf(error) });
    }
    throw error;
  }
}

async function announceEnd(state: RunState<Named>, { figures }: Ended): Promise<void> {
  if (!figures) return;
  await announce(state, 'completed', { figures });
  if (figures['promoted'] === 1) await announce(state, 'promoted', { figures });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function endState(error: unknown): 'cancelled' | 'aborted' | 'failed' {
  if (isCancellation(error)) return 'cancelled';
  return (error as { type?: string }).type === 'Aborted' ? 'aborted' : 'failed';
}
