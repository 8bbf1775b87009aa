import { shouldStop } from '../core/loop/stopping.js';
import type { StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import { tryBoost, type TriedBoost } from './boosts.js';
import type { LoopControl } from './control.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import type { UnitWeights } from './pipeline.js';
import {
  type Choice,
  type Incumbent,
  playRound,
  type RoundSteps,
  type PlayedRound,
  uniformRound,
} from './rounds.js';

export interface LoopOutcome {
  readonly incumbent: Incumbent;
  /** Decision of every round that had candidates, round 0 included. */
  readonly choices: readonly Choice[];
  /** Slices that were proposed to weigh more, or the finding that none qualified. */
  readonly boosts: readonly TriedBoost[];
  /** The best weights that were tried, accepted or not: what the shuffled control shuffles. */
  readonly tried:
    { readonly policy: string; readonly strength: number; readonly weights: UnitWeights } | undefined;
  /** Scores and weights of the first round, from evidence of uniform training. */
  readonly scored: StageResult | undefined;
  readonly reason: string;
}

/**
 * Reweigh and retrain until it stops helping. Round 1 settles who is to be improved on: accepted weights, or uniform.
 * Each further round tries fresh scores of the incumbent and, where these are not accepted, one slice boost on top of it.
 */
export async function reweightingLoop(
  steps: RoundSteps,
  scheme: Scheme,
  control: LoopControl = uncontrolled(steps),
): Promise<LoopOutcome> {
  control.tell({ round: 0 });
  const start = await uniformRound(steps, scheme);
  let incumbent = start.incumbent;
  const choices = [start.choice];
  const boosts: TriedBoost[] = [];
  const accepted: boolean[] = [];
  let tried: LoopOutcome['tried'];
  let first: PlayedRound | undefined;
  for (;;) {
    const reason = reasonToStop(steps, accepted, incumbent, control);
    if (reason !== undefined) {
      control.tell({ round: accepted.length, ended: reason });
      return { incumbent, choices, boosts, tried, scored: first?.made.get(FULL_UNIT), reason };
    }
    await steps.pause();
    const number = accepted.length + 1;
    control.tell({ round: number });
    const done = await playRound(steps, scheme, number, incumbent, first?.made);
    if (!done) {
      const scored = first?.made.get(FULL_UNIT);
      const skipped = 'skipped by an operator';
      control.tell({ round: number, ended: skipped });
      return { incumbent, choices, boosts, tried, scored, reason: skipped };
    }
    first ??= done;
    incumbent = done.incumbent;
    if (done.choice) choices.push(done.choice);
    if (done.choice && done.best && (done.choice.accepted || !tried)) {
      const { bestPolicy, bestStrength } = done.choice.result.figures;
      tried = { policy: String(bestPolicy), strength: Number(bestStrength), weights: done.best };
    }
    const isTaken = done.choice?.accepted ?? false;
    const boosted =
      number > 1 && !isTaken && triesBoosts(steps)
        ? await tryBoost(steps, scheme, number, incumbent, done.made, boosts)
        : undefined;
    if (boosted) boosts.push(boosted.boost);
    if (boosted?.boost.accepted) {
      incumbent = boosted.incumbent;
      tried = incumbent;
    }
    accepted.push(isTaken || (boosted?.boost.accepted ?? false));
  }
}

/** Runs that began before there were slice boosts have no such setting. */
const triesBoosts = (steps: RoundSteps): boolean =>
  (steps.ground().config.loop as { sliceBoosts?: { enabled: boolean } }).sliceBoosts?.enabled ?? false;

function reasonToStop(
  steps: RoundSteps,
  accepted: readonly boolean[],
  incumbent: Incumbent,
  control: LoopControl,
): string | undefined {
  const { maxRounds, patience, budgetMinutes } = steps.ground().config.loop;
  const round = accepted.length;
  // With boosts to come, a first round that keeps uniform is a start, not a failure.
  const judged = triesBoosts(steps) ? accepted.slice(1) : accepted;
  const stop = control.stop();
  const decision = shouldStop({
    round,
    maxRounds,
    acceptedHistory: round < control.playUntil() ? [] : judged,
    patience,
    elapsedMs: control.elapsedMs(),
    stopRequested: stop !== undefined,
    ...(budgetMinutes === undefined ? {} : { budgetMs: budgetMinutes * 60_000 }),
  });
  if (decision.stop) return [decision.reason, stop?.by, stop?.note].filter((text) => text).join(' ');
  const spent = control.spent();
  if (spent !== undefined) return spent;
  if (round > 0 && incumbent.policy === 'uniform' && !triesBoosts(steps))
    return 'uniform stays: another round would score the same evidence';
  return undefined;
}

/** Where nobody speaks and nothing is counted but the loop's own time. */
function uncontrolled({ nowMs }: RoundSteps): LoopControl {
  const startedMs = nowMs();
  return {
    elapsedMs: () => nowMs() - startedMs,
    stop: () => undefined,
    playUntil: () => 0,
    spent: () => undefined,
    tell: () => undefined,
  };
}
