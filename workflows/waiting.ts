import type { Named, RunState } from './progress.js';

/** Waits for a person; that time is not taken from any budget. */
export async function waitIdle(state: RunState<Named>, wait: () => Promise<void>): Promise<void> {
  const sinceMs = Date.now();
  await wait();
  state.idleMs = (state.idleMs ?? 0) + Date.now() - sinceMs;
}
