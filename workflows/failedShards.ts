import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { Named, RunState } from './progress.js';
import { markOf, type Shard } from './shards.js';

/** The message that a person needs: of the cause, not of Temporal's wrapping. */
export function describe(reason: unknown): string {
  const cause = reason instanceof ActivityFailure ? (reason.cause ?? reason) : reason;
  if (!(cause instanceof Error)) return String(cause);
  const type = cause instanceof ApplicationFailure && cause.type ? `${cause.type}: ` : '';
  return `${type}${cause.message}`;
}

/** The run goes on without them, also when it continues as new. */
export function loseShards(
  state: RunState<Named>,
  failures: readonly { readonly shard: Shard; readonly reason: unknown }[],
): void {
  const lost = (state.lost ??= {});
  for (const { shard, reason } of failures)
    lost[shard.path] = { request: markOf(shard), error: describe(reason) };
}
