import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Artifacts, Figures, StageRequest, StageResult } from '../contracts/stage.js';
import { asFailure, HANDED_BACK } from './failure.js';

/** How an attempt at a stage ended. `lost`: the server had given it up before it ended. */
type StageOutcome = 'done' | 'cached' | 'failed' | 'refused' | 'cancelled' | 'handed_back' | 'lost';

/** Told what becomes of one attempt at a stage. */
export interface AttemptObserver {
  /** A trainer child took it. */
  started(): void;
  progress(figures: Figures): void;
  ended(outcome: StageOutcome, figures?: Figures, outputs?: Artifacts): void;
}

/** Told of every attempt at a stage, for metrics and tracking. */
export type StageObserver = (attempt: {
  readonly runId: string;
  /** Where in the run. */
  readonly path: string;
  readonly stage: string;
  /** Name of the model, where the stage has one. */
  readonly model: string;
  readonly attempt: number;
}) => AttemptObserver;

/** What parameters say of the model, for a label: its name, or nothing. */
function modelName(params: unknown): string {
  const model = (params as { readonly model?: { readonly name?: unknown } | null } | null)?.model;
  return typeof model?.name === 'string' ? model.name : '';
}

const unobserved: StageObserver = () => ({
  started: () => undefined,
  progress: () => undefined,
  ended: () => undefined,
});

/** The activity, its failures made Temporal's, and every attempt at it told. */
export function observed(
  stage: string,
  observer: StageObserver = unobserved,
  work: (input: StageRequest, observe: AttemptObserver) => Promise<StageResult>,
): (input: StageRequest) => Promise<StageResult> {
  const activity = asFailure(({ input, observe }: { input: StageRequest; observe: AttemptObserver }) =>
    work(input, observe),
  );
  return async (input) => {
    const { attempt } = Context.current().info;
    const { runId, path } = input;
    const observe = observer({ runId, path, stage, model: modelName(input.params), attempt });
    try {
      const result = await activity({ input, observe });
      observe.ended(result.cached ? 'cached' : 'done', result.figures, result.outputs);
      return result;
    } catch (error) {
      observe.ended(outcomeOf(error));
      throw error;
    }
  };
}

function outcomeOf(error: unknown): StageOutcome {
  if (Context.current().cancellationDetails?.notFound === true) return 'lost';
  if (!(error instanceof ApplicationFailure)) return 'cancelled';
  if (error.type === HANDED_BACK) return 'handed_back';
  return error.nonRetryable === true ? 'refused' : 'failed';
}
