import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineUpdate,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { NewRows } from '../contracts/adapt.js';
import { ADAPT_UPDATE } from '../contracts/names.js';
import type { Figures } from '../contracts/stage.js';
import { adaptTo, type AdaptConfig } from './adaptation.js';
import { announce } from './notification.js';
import { newRunState, type RunState } from './progress.js';
import { settled } from './settled.js';
import { createStageRunner, type StageRunner } from './stages.js';

/** A batch that waits, and then its outcome. */
interface Batch {
  readonly number: number;
  readonly rows: NewRows;
}

export interface AdaptState extends RunState<AdaptConfig> {
  waitingBatches: Batch[];
  /** Batches that came so far. */
  came: number;
  /** Figures of the batches that are done, by number; the newest ones. */
  outcomes: Record<number, Figures>;
}

export interface AdaptInput {
  readonly config: AdaptConfig;
  /** Present when it continues as new. */
  readonly state?: AdaptState;
}

const adaptUpdate = defineUpdate<Figures, [NewRows]>(ADAPT_UPDATE);
const MOST_WAITING = 100;
const OUTCOMES_KEPT = 20;

/** One model's adaptation: takes batches of new rows, one after the other, for as long as it is let. */
export async function adapt(input: AdaptInput): Promise<void> {
  const state = input.state ?? newAdaptState(input.config);
  const runner = createStageRunner(state);
  setHandler(adaptUpdate, (rows) => outcomeOf(state, rows), {
    description: 'Look at new rows, and adapt where it is worth it: {"source":"…","by":"…"}',
    validator: (rows) => refuse(state, rows),
  });
  await settled(state, runner, async () => {
    for (;;) {
      await condition(() => state.waitingBatches.length > 0 || workflowInfo().continueAsNewSuggested);
      const [batch] = state.waitingBatches;
      if (batch) await takeBatch(state, runner, batch);
      if (!workflowInfo().continueAsNewSuggested) continue;
      // Whoever waits for a batch is a handler that only this loop can finish.
      await condition(() => allHandlersFinished() || hasMore(state));
      if (!hasMore(state)) await continueAsNew<typeof adapt>({ ...input, state });
    }
  });
}

/**
 * Whether batches have to be taken first. Workflows of before stood still here; the patch is asked for only where they
 * did, so that their histories replay, and the next batch that comes frees them.
 */
const hasMore = ({ waitingBatches }: AdaptState): boolean =>
  waitingBatches.length > 0 && patched('adapt-takes-all-batches');

const newAdaptState = (config: AdaptConfig): AdaptState => ({
  ...newRunState(config),
  ...{ waitingBatches: [], came: 0, outcomes: {} },
});

function refuse({ waitingBatches }: AdaptState, rows: NewRows | undefined): void {
  const source = [rows?.source ?? []].flat();
  const isGiven = source.length > 0 && source.every((uri) => typeof uri === 'string' && uri !== '');
  if (!isGiven || typeof rows?.by !== 'string' || rows.by === '') {
    throw ApplicationFailure.nonRetryable('expected {"source":"file or URI","by":"name"}', 'Refused');
  }
  if (waitingBatches.length >= MOST_WAITING)
    throw ApplicationFailure.nonRetryable(`${MOST_WAITING} batches wait already; send it later`, 'Refused');
}

async function outcomeOf(state: AdaptState, rows: NewRows): Promise<Figures> {
  const number = ++state.came;
  state.waitingBatches.push({ number, rows });
  await condition(() => state.outcomes[number] !== undefined);
  return state.outcomes[number]!;
}

async function takeBatch(state: AdaptState, runner: StageRunner, { number, rows }: Batch): Promise<void> {
  state.outcomes[number] = await adaptTo(runner, `batch.${number}`, rows, () => state.config);
  state.waitingBatches.shift();
  forget(state, number);
  runner.show();
  const figures = state.outcomes[number];
  if (figures['action'] === 'promoted') await announce(state, 'promoted', { figures });
}

/** Only the newest batches are remembered, so that a long life stays small. */
function forget(state: AdaptState, newest: number): void {
  const isOld = (path: string): boolean => Number(path.split('.')[1]) <= newest - OUTCOMES_KEPT;
  state.stages = state.stages.filter(({ path }) => !isOld(path));
  state.done = Object.fromEntries(Object.entries(state.done).filter(([path]) => !isOld(path)));
  delete state.outcomes[newest - OUTCOMES_KEPT];
}
