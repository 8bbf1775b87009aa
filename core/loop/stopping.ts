/** Where the loop stands after a round. No imports here: workflows run this file. */
export interface LoopState {
  readonly round: number; // of the round that just ended; round 0 is uniform
  readonly maxRounds: number;
  /** Whether each round from 1 on was accepted, oldest first. */
  readonly acceptedHistory: readonly boolean[];
  readonly patience: number;
  readonly elapsedMs: number;
  readonly budgetMs?: number | undefined;
  /** An operator said stop. */
  readonly stopRequested?: boolean | undefined;
}

export interface StopDecision {
  readonly stop: boolean;
  readonly reason: string; // one sentence, also when it goes on
}

/** Whether the reweighting loop is done, and why. */
export function shouldStop(state: LoopState): StopDecision {
  const { round, maxRounds, acceptedHistory, patience, elapsedMs, budgetMs } = state;
  if (state.stopRequested === true)
    return { stop: true, reason: `An operator stopped the loop after round ${round}.` };
  if (round >= maxRounds)
    return { stop: true, reason: `Round ${round} was the last of loop.maxRounds = ${maxRounds}.` };
  const rejected = acceptedHistory.length - 1 - acceptedHistory.lastIndexOf(true);
  if (acceptedHistory.length > 0 && rejected >= patience) {
    const rounds = rejected === 1 ? 'The last round was' : `The last ${rejected} rounds were`;
    return { stop: true, reason: `${rounds} not accepted (loop.patience = ${patience}).` };
  }
  if (budgetMs !== undefined && elapsedMs >= budgetMs) {
    const [spent, allowed] = [elapsedMs, budgetMs].map((ms) => (ms / 60_000).toFixed(1));
    return { stop: true, reason: `The budget is spent: ${spent} of ${allowed} minutes.` };
  }
  return { stop: false, reason: `Round ${round + 1} follows.` };
}
