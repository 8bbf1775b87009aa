import type { StageRequest, StageResult } from '../contracts/stage.js';
import { fingerprint } from './fingerprint.js';
import type { Named, RunState } from './progress.js';

/** One activity of a stage, asked of the queue's workers. */
export interface Shard {
  readonly path: string;
  readonly stage: string;
  readonly summary: string;
  readonly seed: number;
  /** Plain data: the stage's own schema checks it. */
  readonly params: object;
  readonly inputs: StageRequest['inputs'];
  /** What it reads may have changed behind the same parameters: never take it from the cache. */
  readonly fresh?: boolean;
  /** What works on its tables; it decides nothing about them. */
  readonly dataEngine?: StageRequest['dataEngine'];
  /** Computes with the model: on the queue of the GPU, where the run has one. */
  readonly onDevice?: true;
}

const askedOf = ({ stage, seed, params, inputs }: Shard): string =>
  JSON.stringify([stage, seed, params, inputs]);

/** In place of the result of a shard that the run goes on without. */
export const LOST: StageResult = { outputs: {}, figures: {}, stageKey: '0'.repeat(64), cached: false };

/** Of all that a shard is asked. */
export const markOf = (shard: Shard): string => fingerprint(askedOf(shard));

/** What the run has of a shard that was asked just this; undefined where it must ask. */
export function finishedResult(state: RunState<Named>, shard: Shard): StageResult | undefined {
  const finished = state.done[shard.path];
  // Runs that began with an earlier version have kept the whole request.
  const isSame = finished?.request === markOf(shard) || finished?.request === askedOf(shard);
  return isSame ? finished?.result : undefined;
}
