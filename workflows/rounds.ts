import type { StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import type { StageRunner } from './stages.js';
import { boostedName, boostedWeights, boostWeights, mixedBoth, type UnitFactors } from './boosts.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { fitShards, type Ground, predictionsOf, type Unit, type UnitWeights, unitsOf } from './pipeline.js';
import { makeWeights } from './scoring.js';

/** The configuration in use: whose predictions a challenger must beat. */
export interface Incumbent {
  /** Column of its weights: `base`, or `base+boost`. */
  readonly policy: string;
  /** The policy that made its denoising weights d; `uniform`: all 1. */
  readonly base: string;
  /** b of the slices that accepted boosts raised: the weights are n·d·b / Σ d·b. */
  readonly factors: UnitFactors;
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
    base: 'uniform',
    factors: new Map(),
    strength: choice.strength,
    weights: new Map(),
    predictions: fits!,
    effectiveSampleSize: 1,
    mixedWithUniform: 0,
    chain: [],
  };
  return { incumbent, choice };
}

/** A round's scores and weights, and what the test said of them. */
export interface PlayedRound {
  readonly incumbent: Incumbent;
  /** Undefined where nothing was to be tried: uniform weights don't change with the scores. */
  readonly choice?: Choice;
  /** Out-of-fold evidence of the incumbent that the round began with, scores and denoising weights. */
  readonly made: ReadonlyMap<Unit, StageResult>;
  /** Of the best candidate, accepted or not. */
  readonly best?: UnitWeights;
}

/** One way of weighing, made for every unit. */
interface Candidate {
  readonly policy: string;
  readonly base: string;
  readonly weights: UnitWeights;
  readonly effectiveSampleSize: number;
  readonly mixedWithUniform: number;
}

/**
 * Weights from fresh scores under the incumbent, one fit for each candidate and unit, one paired test. Undefined when an
 * operator skipped it.
 *
 * @param before evidence of uniform training, where it was made already
 */
export async function playRound(
  steps: RoundSteps,
  scheme: Scheme,
  number: number,
  incumbent: Incumbent,
  before?: ReadonlyMap<Unit, StageResult>,
): Promise<PlayedRound | undefined> {
  if (before && incumbent.policy === 'uniform') return { incumbent, made: before };
  const units = unitsOf(scheme, true);
  const policies = number === 1 ? steps.ground().config.loop.policies : [incumbent.base];
  const path = `loop.${number}`;
  const scorePath = number === 1 ? 'importance' : `${path}.importance`;
  const where = { path: scorePath, shardPath: scorePath, scheme, units, current: incumbent.weights };
  const made = await makeWeights(steps, where, policies);
  if (!made) return undefined;
  if (number > 1 && incumbent.base === 'uniform') return { incumbent, made };
  const candidates = await candidatesOf(steps, scorePath, scheme, incumbent, made, policies);
  const fits =
    candidates &&
    (await steps.runner.run(
      path,
      () => candidates.flatMap(({ weights }) => fitShards(path, steps.ground(), scheme, units, weights)),
      { skippable: true },
    ));
  if (!fits) return undefined;
  const predicted = candidates.map((candidate, c) => ({
    ...candidate,
    predictions: fits.slice(c * units.length, (c + 1) * units.length),
  }));
  const choice = await choose(steps, path, scheme, number, incumbent, predicted);
  const named = (name: unknown) => predicted.find(({ policy }) => policy === name)!;
  const best = named(choice.result.figures['bestPolicy']).weights;
  if (!choice.accepted) return { incumbent, choice, made, best };
  const { strength, policy } = choice;
  const chain = [...incumbent.chain, named(policy).base];
  return { choice, made, best, incumbent: { ...incumbent, ...named(policy), strength, chain } };
}

/** Weights of each policy, with the boosts of earlier rounds carried over. */
async function candidatesOf(
  steps: RoundSteps,
  path: string,
  scheme: Scheme,
  { base, policy: current, factors }: Incumbent,
  made: ReadonlyMap<Unit, StageResult>,
  policies: readonly string[],
): Promise<Candidate[] | undefined> {
  const figuresOf = ({ figures }: StageResult, suffix = '') => ({
    effectiveSampleSize: Number(figures[`effectiveSampleSize${suffix}`]),
    mixedWithUniform: Number(figures[`mixedWithUniform${suffix}`]),
  });
  const plain = policies.map((policy): Candidate => {
    const figures = figuresOf(made.get(FULL_UNIT)!, `.${policy}`);
    return { policy, base: policy, weights: withPolicy(made, policy), ...figures };
  });
  if (current === base) return plain;
  const [{ weights, mixedWithUniform }] = plain as [Candidate]; // a boosted incumbent has one policy: its own
  const carried = await boostWeights(steps, path, scheme, [...made.keys()], { base, weights, factors });
  if (!carried) return undefined;
  const { effectiveSampleSize, mixedWithUniform: added } = figuresOf(carried.get(FULL_UNIT)!);
  return [
    {
      policy: boostedName(base),
      base,
      weights: boostedWeights(carried, base),
      effectiveSampleSize,
      mixedWithUniform: mixedBoth(mixedWithUniform, added),
    },
  ];
}
