import type { StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import { BOOST, boostedWeights, boostWeights, factorsAfter, type UnitFactors } from './boosts.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { fitShards, type Unit, type UnitWeights, unitsOf } from './pipeline.js';
import type { LoopOutcome } from './loop.js';
import { type RoundSteps, withPolicy } from './rounds.js';
import { makeWeights } from './scoring.js';
import type { TrialParams } from '../core/loop/searchSpace.js';
import { searchSettings, withParams, type SearchControl } from './tuning.js';

/** Judges uniform and the chosen configuration in fresh folds, weights made anew in each. */
export async function crossValidate(
  steps: RoundSteps,
  loop: LoopOutcome,
  search: SearchControl,
): Promise<StageResult | undefined> {
  const { folds } = steps.ground().config.crossValidate;
  if (folds === 0) return undefined;
  const scheme: Scheme = { seed: steps.ground().config.seed + 1, outerFolds: folds };
  const units = unitsOf(scheme, false);
  const weights = await replayChain(steps, scheme, units, loop.incumbent.chain);
  if (!weights) return undefined;
  const arms = [
    { name: 'uniform', strength: loop.choices[0]!.strength, weights: new Map() as UnitWeights },
    ...(loop.incumbent.chain.length > 0
      ? [{ name: 'weighted', strength: loop.incumbent.strength, weights }]
      : []),
  ];
  const options = { skippable: true };
  const settings = await searchedAnew(steps, scheme, units, search);
  if (!settings) return undefined;
  const fits = await steps.runner.run(
    'crossValidate',
    () =>
      arms.flatMap(({ strength, weights: own }) =>
        units.flatMap((unit) => {
          const ground = { ...withParams(steps.ground(), settings.get(unit) ?? {}), strengths: [strength] };
          return fitShards('crossValidate', ground, scheme, [unit], own);
        }),
      ),
    options,
  );
  const summary =
    fits &&
    (await steps.runner.run(
      'crossValidate',
      () => {
        const { config, prepared } = steps.ground();
        return [
          {
            path: 'crossValidate.summary',
            stage: 'crossValidate',
            summary: 'mean and deviation over folds',
            seed: config.seed,
            params: { task: config.task, scheme: { ...scheme }, arms: arms.map(({ name }) => name) },
            inputs: {
              samples: prepared['samples']!,
              classes: prepared['classes']!,
              ...Object.fromEntries(
                arms.map(({ name }, a) => [
                  name,
                  fits.slice(a * folds, (a + 1) * folds).flatMap((fit) => fit.outputs['predictions']!),
                ]),
              ),
            },
          },
        ];
      },
      options,
    ));
  return summary?.[0];
}

/** Settings of each fold's model, found on its own training rows; none where that is not asked for. */
async function searchedAnew(
  steps: RoundSteps,
  scheme: Scheme,
  units: readonly Unit[],
  control: SearchControl,
): Promise<ReadonlyMap<Unit, TrialParams> | undefined> {
  const found = new Map<Unit, TrialParams>();
  const path = 'crossValidate';
  for (const unit of steps.ground().config.tune?.nested ? units : []) {
    const place = { path, shardPath: `${path}.tune.${unit}`, scheme, unit };
    const tuned = await searchSettings(steps, place, control);
    if (!tuned) return undefined;
    found.set(unit, tuned.params);
  }
  return found;
}

/** Weights made anew by the steps that led to the incumbent: fresh scores, and boosts of slices that each fold finds itself. */
async function replayChain(
  steps: RoundSteps,
  scheme: Scheme,
  units: readonly Unit[],
  chain: readonly string[],
): Promise<UnitWeights | undefined> {
  const path = 'crossValidate';
  let weights: UnitWeights = new Map();
  let base = 'uniform';
  let factors: UnitFactors = new Map();
  for (const [at, step] of chain.entries()) {
    if (step !== BOOST) base = step;
    const shardPath = `${path}.${at + 1}`;
    const made = await makeWeights(steps, { path, shardPath, scheme, units, current: weights }, [base]);
    if (!made) return undefined;
    if (step !== BOOST) weights = withPolicy(made, base);
    if (step !== BOOST && factors.size === 0) continue;
    const propose = step === BOOST ? { propose: { evidence: made, refused: () => [] } } : {};
    const start = { base, factors, weights, ...propose };
    const boosted = await boostWeights(steps, path, scheme, units, start, shardPath);
    if (!boosted) return undefined;
    if (step === BOOST) factors = factorsAfter(factors, boosted);
    weights = boostedWeights(boosted, base);
  }
  return weights;
}

export interface FinalModel {
  readonly name: 'uniform' | 'shuffled' | 'weighted';
  readonly policy: string;
  readonly strength: number;
  readonly fit: StageResult;
}

/** The models that the test split judges: uniform, the shuffled control, and the chosen one. */
export async function finalModels(steps: RoundSteps, loop: LoopOutcome): Promise<FinalModel[]> {
  const scheme = { seed: steps.ground().config.seed, outerFolds: steps.ground().config.loop.outerFolds };
  const none: UnitWeights = new Map();
  const { incumbent, tried, choices } = loop;
  const arms = [
    {
      name: 'uniform' as const,
      policy: 'uniform',
      strength: choices[0]!.strength,
      weights: none,
      shuffled: false,
    },
    ...(tried ? [{ name: 'shuffled' as const, ...tried, shuffled: true }] : []),
    { name: 'weighted' as const, ...incumbent, shuffled: false },
  ];
  const fits = await steps.runner.run('loop', () =>
    arms.flatMap(({ strength, weights, shuffled, name }) =>
      fitShards(`loop.${name}`, { ...steps.ground(), strengths: [strength] }, scheme, [FULL_UNIT], weights, {
        keepModels: true,
        shuffled,
      }),
    ),
  );
  return arms.map(({ name, policy, strength }, a) => ({ name, policy, strength, fit: fits![a]! }));
}
