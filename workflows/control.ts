import { spentReason } from '../core/loop/budget.js';
import type { Approval, ContinueLoop, RunStatus, StopLoop } from '../contracts/run.js';
import { currentStage, type RunState } from './progress.js';

/** What operators and budgets have to say about the loop. */
export interface LoopControl {
  /** Milliseconds since the loop began; waiting for an operator is not counted. */
  readonly elapsedMs: () => number;
  readonly stop: () => StopLoop | undefined;
  /** Rounds up to this one are played whatever maxRounds and patience say. */
  readonly playUntil: () => number;
  /** Why nothing is left of a budget. */
  readonly spent: () => string | undefined;
  /** Told of each round that begins, and of why the loop ended. */
  readonly tell: (now: Pick<NonNullable<RunStatus['loop']>, 'round' | 'ended'>) => void;
}

/** Control of a run's loop. Times are of the workflow, and outlive its continuing as new. */
export function loopControl(state: RunState, nowMs: () => number): LoopControl {
  const idleMs = (): number => state.idleMs ?? 0;
  state.startedAtMs ??= nowMs();
  state.loopBeganMs ??= nowMs() - idleMs();
  const elapsedMs = (): number => nowMs() - idleMs() - state.loopBeganMs!;
  return {
    elapsedMs,
    stop: () => state.loop?.stop,
    playUntil: () => state.loop?.playUntil ?? 0,
    tell: (now) => (state.loop = { ...state.loop, ...now }),
    spent: () => {
      // Runs that began before there were budgets have none.
      const { budget = {}, loop } = state.config as Partial<RunState['config']>;
      const own = { costPerHour: budget.costPerHour, ...loop?.budget };
      return (
        spentReason('budget', budget, nowMs() - idleMs() - state.startedAtMs!) ??
        spentReason('loop.budget', own, elapsedMs())
      );
    },
  };
}

/** Says why the loop can't be stopped or continued now, or nothing when it can. */
export function refuseLoopUpdate(
  state: RunState,
  given: StopLoop | ContinueLoop,
  verb: 'stop' | 'continue',
): string | undefined {
  if (state.loop?.ended !== undefined)
    return `the loop has ended: ${state.loop.ended} The run is ${state.state} at "${currentStage(state)}"; for more rounds: assay retry --from loop.${Math.max(state.loop.round, 1)} --set loop.maxRounds=…`;
  if (verb === 'stop') return refuseWords(given, ['by', 'note'], '{"note":"…"}');
  const { rounds } = given as ContinueLoop;
  if (!Number.isInteger(rounds) || rounds < 1)
    return `rounds must be a whole number ≥ 1, as in {"rounds":2}; got ${JSON.stringify(rounds)}`;
  return refuseWords(given, ['rounds', 'by', 'note'], '{"rounds":2}');
}

/** Says why an approval does not fit, or nothing when it does. */
export function refuseApproval(state: RunState, given: Approval): string | undefined {
  if (!state.waiting)
    return `nothing waits for approval: the run is ${state.state} at "${currentStage(state)}"`;
  const example = '{"approved":true,"by":"ann","note":"…"}';
  if (typeof given?.approved !== 'boolean') return `approved must be true or false, as in ${example}`;
  if (typeof given.by !== 'string' || given.by === '') return `by must say who approves, as in ${example}`;
  return refuseWords(given, ['approved', 'by', 'note'], example);
}

function refuseWords(given: object, allowed: readonly string[], example: string): string | undefined {
  const wrong = Object.keys(given ?? {}).find((key) => !allowed.includes(key));
  return wrong === undefined ? undefined : `"${wrong}" is none of ${allowed.join(', ')}, as in ${example}`;
}

export function stopLoop(state: RunState, given: StopLoop | undefined): string {
  const round = state.loop?.round ?? 0;
  state.loop = { ...state.loop, round, stop: { ...given } };
  return `the loop ends after round ${round}`;
}

/** More rounds than planned also take part in what is planned for later ones (tests over several rounds). */
export function continueLoop(state: RunState, { rounds }: ContinueLoop): string {
  const round = state.loop?.round ?? 0;
  const playUntil = round + rounds;
  state.loop = { round, playUntil };
  const { loop } = state.config;
  state.config = { ...state.config, loop: { ...loop, maxRounds: Math.max(loop.maxRounds, playUntil) } };
  return `the loop goes on to round ${playUntil}, budgets and useful candidates allowing`;
}
