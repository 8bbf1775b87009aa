import { shouldStop } from '../core/loop/stopping.js';
import type { StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import type { StageRunner } from './stages.js';
import {
  evidenceShards,
  fitShards,
  FULL,
  type Ground,
  type Unit,
  type UnitWeights,
  unitsOf,
  weighShards,
} from './pipeline.js';

/** The configuration in use: whose predictions a challenger must beat. */
export interface Incumbent {
  readonly policy: string;
  readonly strength: number;
  readonly weights: UnitWeights;
  readonly predictions: readonly StageResult[];
  /** Of its weights, share of n. */
  readonly effectiveSampleSize: number;
  /** λ of the weights' mixture with uniform. */
  readonly mixedWithUniform: number;
  /** Weighting steps that led here; cross-validation makes them anew in its own folds. */
  readonly chain: readonly string[];
}

/** What a choice said; its document holds the rest. */
export interface Choice {
  readonly result: StageResult;
  readonly accepted: boolean;
  readonly policy: string;
  readonly strength: number;
}

/** What the loop needs of the world: tests pass fakes. */
export interface RoundSteps {
  readonly runner: Pick<StageRunner, 'run' | 'show'>;
  readonly nowMs: () => number;
  readonly ground: () => Ground;
  /** Between rounds: a long run continues as new here. */
  readonly pause: () => Promise<void>;
  readonly onRound: (round: number, metric: { name: string; value: number }) => void;
}

const predictionsOf = (results: readonly StageResult[]) =>
  results.flatMap((result) => result.outputs['predictions']!);

/**
 * Scores and weights of every unit, made from its own training rows only. Undefined when an operator skipped it.
 *
 * @param shardPath where one stage makes weights more than once, what tells its shards apart
 */
export async function makeWeights(
  steps: RoundSteps,
  path: string,
  scheme: Scheme,
  units: readonly Unit[],
  current: UnitWeights,
  policies: readonly string[],
  shardPath = path,
): Promise<Map<Unit, StageResult> | undefined> {
  const options = { skippable: true };
  const evidence = await steps.runner.run(
    path,
    () => evidenceShards(shardPath, steps.ground(), scheme, units, current),
    options,
  );
  if (!evidence) return undefined;
  const weighed = await steps.runner.run(
    path,
    () => weighShards(shardPath, steps.ground(), scheme, units, evidence, policies),
    options,
  );
  return weighed && new Map(units.map((unit, u) => [unit, weighed[u]!]));
}

export const withPolicy = (made: ReadonlyMap<Unit, StageResult>, policy: string): UnitWeights =>
  new Map([...made].map(([unit, result]) => [unit, { ref: result.outputs['weights']![0]!, policy }]));

/** Judges candidates against the incumbent by the nested, paired test. */
export async function choose(
  steps: RoundSteps,
  path: string,
  scheme: Scheme,
  round: number,
  incumbent: Incumbent | undefined,
  candidates: readonly { policy: string; predictions: readonly StageResult[]; effectiveSampleSize: number }[],
): Promise<Choice> {
  const results = await steps.runner.run(path, () => {
    const { config, prepared } = steps.ground();
    const { loop, task, seed } = config;
    return [
      {
        path: `${path}.choose`,
        stage: 'choose',
        summary: `choose among ${candidates.map(({ policy }) => policy).join(', ')}`,
        seed,
        params: {
          task,
          scheme: { ...scheme },
          round,
          alpha: loop.alpha,
          flips: loop.flips,
          ...(loop.metric ? { metric: loop.metric } : {}),
          incumbent: incumbent ? { policy: incumbent.policy, strength: incumbent.strength } : null,
          candidates: candidates.map(({ policy, effectiveSampleSize }) => ({ policy, effectiveSampleSize })),
        },
        inputs: {
          samples: prepared['samples']!,
          classes: prepared['classes']!,
          ...(incumbent ? { incumbent: predictionsOf(incumbent.predictions) } : {}),
          ...Object.fromEntries(
            candidates.map(({ policy, predictions }) => [`candidate.${policy}`, predictionsOf(predictions)]),
          ),
        },
      },
    ];
  });
  const result = results![0]!;
  const { accepted, policy, strength, metric, value } = result.figures;
  steps.onRound(round, { name: String(metric), value: Number(value) });
  return { result, accepted: accepted === 1, policy: String(policy), strength: Number(strength) };
}

/** Round 0: uniform weights, its regularisation tuned by nested predictions. */
export async function uniformRound(
  steps: RoundSteps,
  scheme: Scheme,
): Promise<{ incumbent: Incumbent; choice: Choice }> {
  const units = unitsOf(scheme, true);
  const fits = await steps.runner.run('train', () =>
    fitShards('train', steps.ground(), scheme, units, new Map()),
  );
  const choice = await choose(steps, 'train', scheme, 0, undefined, [
    { policy: 'uniform', predictions: fits!, effectiveSampleSize: 1 },
  ]);
  const incumbent = {
    policy: 'uniform',
    strength: choice.strength,
    weights: new Map(),
    predictions: fits!,
    effectiveSampleSize: 1,
    mixedWithUniform: 0,
    chain: [],
  };
  return { incumbent, choice };
}

export interface LoopOutcome {
  readonly incumbent: Incumbent;
  /** Decision of every round, round 0 included. */
  readonly choices: readonly Choice[];
  /** The best weights that were tried, accepted or not: what the shuffled control shuffles. */
  readonly tried:
    { readonly policy: string; readonly strength: number; readonly weights: UnitWeights } | undefined;
  /** Scores and weights of the first round, from evidence of uniform training. */
  readonly scored: StageResult | undefined;
  readonly reason: string;
}

/** One round: weights from fresh scores, one fit for each candidate and unit, one paired test. */
async function playRound(
  steps: RoundSteps,
  scheme: Scheme,
  number: number,
  incumbent: Incumbent,
): Promise<{ incumbent: Incumbent; choice: Choice; made: Map<Unit, StageResult> } | undefined> {
  const units = unitsOf(scheme, true);
  const policies = number === 1 ? steps.ground().config.loop.policies : [incumbent.policy];
  const scorePath = number === 1 ? 'importance' : `loop.${number}.importance`;
  const made = await makeWeights(steps, scorePath, scheme, units, incumbent.weights, policies);
  if (!made) return undefined;
  const path = `loop.${number}`;
  const fits = await steps.runner.run(
    path,
    () =>
      policies.flatMap((policy) => fitShards(path, steps.ground(), scheme, units, withPolicy(made, policy))),
    { skippable: true },
  );
  if (!fits) return undefined;
  const full = made.get(FULL)!;
  const candidates = policies.map((policy, p) => ({
    policy,
    predictions: fits.slice(p * units.length, (p + 1) * units.length),
    effectiveSampleSize: Number(full.figures[`effectiveSampleSize.${policy}`]),
  }));
  const choice = await choose(steps, path, scheme, number, incumbent, candidates);
  if (!choice.accepted) return { incumbent, choice, made };
  const accepted = candidates.find(({ policy }) => policy === choice.policy)!;
  return {
    choice,
    made,
    incumbent: {
      policy: choice.policy,
      strength: choice.strength,
      weights: withPolicy(made, choice.policy),
      predictions: accepted.predictions,
      effectiveSampleSize: accepted.effectiveSampleSize,
      mixedWithUniform: Number(full.figures[`mixedWithUniform.${choice.policy}`]),
      chain: [...incumbent.chain, choice.policy],
    },
  };
}

/** Reweigh and retrain until it stops helping. */
export async function reweightingLoop(steps: RoundSteps, scheme: Scheme): Promise<LoopOutcome> {
  const startedMs = steps.nowMs();
  const start = await uniformRound(steps, scheme);
  let incumbent = start.incumbent;
  const choices = [start.choice];
  const accepted: boolean[] = [];
  let tried: LoopOutcome['tried'];
  let scored: StageResult | undefined;
  for (;;) {
    const { maxRounds, patience, budgetMinutes } = steps.ground().config.loop;
    const decision = shouldStop({
      round: accepted.length,
      maxRounds,
      acceptedHistory: accepted,
      patience,
      elapsedMs: steps.nowMs() - startedMs,
      ...(budgetMinutes === undefined ? {} : { budgetMs: budgetMinutes * 60_000 }),
    });
    if (decision.stop) return { incumbent, choices, tried, scored, reason: decision.reason };
    if (accepted.length > 0 && incumbent.policy === 'uniform') {
      return {
        incumbent,
        choices,
        tried,
        scored,
        reason: 'uniform stays: another round would score the same evidence',
      };
    }
    await steps.pause();
    const done = await playRound(steps, scheme, accepted.length + 1, incumbent);
    if (!done) return { incumbent, choices, tried, scored, reason: 'skipped by an operator' };
    incumbent = done.incumbent;
    choices.push(done.choice);
    accepted.push(done.choice.accepted);
    scored ??= done.made.get(FULL);
    if (done.choice.accepted || !tried) {
      const { bestPolicy, bestStrength } = done.choice.result.figures;
      tried = {
        policy: String(bestPolicy),
        strength: Number(bestStrength),
        weights: withPolicy(done.made, String(bestPolicy)),
      };
    }
  }
}
