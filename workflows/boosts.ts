import { enoughAgree } from '../core/loop/agreement.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import type { SliceFactor } from '../core/slices/boost.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { fitShards, type Ground, predictionsOf, type Unit, type UnitWeights } from './pipeline.js';
import type { Incumbent, RoundSteps } from './rounds.js';
import type { Shard } from './shards.js';

/** A step of `Incumbent.chain` that raises the weight of a slice. */
export const BOOST = 'boost';

/** What boosted weights of a policy are called. */
export const boostedName = (base: string): string => `${base}+${BOOST}`;

/** b of each unit: the slices that its accepted boosts raised. Every unit finds its own. */
export type UnitFactors = ReadonlyMap<Unit, readonly SliceFactor[]>;

/** λ of a mixture with uniform that was mixed with uniform again. */
export const mixedBoth = (first: number, second: number): number => 1 - (1 - first) * (1 - second);

/** One proposal of the loop, tried. */
export interface TriedBoost {
  readonly judged: StageResult;
  readonly accepted: boolean;
  /** Undefined where nothing was fitted: no slice qualified, or too few folds agree. */
  readonly pValue: number | undefined;
  /** The slice that each unit proposed. */
  readonly slices: ReadonlyMap<Unit, string>;
}

/** Weights from which boosts start, per unit. */
interface Start {
  readonly base: string;
  /** Tables with a column `base`; where a unit has none, d is uniform. */
  readonly weights: UnitWeights;
  readonly factors: UnitFactors;
  /** Present where a new slice is to be proposed: out-of-fold evidence of the incumbent, and what was refused before. */
  readonly propose?: {
    readonly evidence: ReadonlyMap<Unit, StageResult>;
    readonly refused: (unit: Unit) => readonly string[];
  };
}

function boostShards(
  path: string,
  { config, prepared, dataset }: Ground,
  scheme: Scheme,
  units: readonly Unit[],
  { base, weights, factors, propose }: Start,
): Shard[] {
  const { loop, analyse, seed, task } = config;
  const { factor, maxNoiseRate, minSupport } = loop.sliceBoosts;
  return units.map((unit) => {
    const held = weights.get(unit);
    const best = propose?.evidence.get(unit)?.outputs['best'];
    return {
      path: `${path}.${propose ? 'propose' : 'carry'}.${unit === FULL_UNIT ? 'full' : unit}`,
      stage: 'boost',
      summary: propose
        ? 'the slice with the highest trusted error'
        : 'boosts of earlier rounds, on new weights',
      seed,
      params: {
        task,
        columns: config.dataset.columns,
        ...(analyse.slices.columns ? { sliceBy: analyse.slices.columns } : {}),
        scheme: { ...scheme },
        unit,
        base,
        name: boostedName(base),
        factors: (factors.get(unit) ?? []).map(({ slice, factor: b }) => ({ slice, factor: b })),
        minSupport,
        minEffectiveSampleSize: loop.minEffectiveSampleSize,
        propose: propose ? { factor, maxNoiseRate, refused: [...propose.refused(unit)] } : null,
      },
      inputs: {
        samples: prepared['samples']!,
        classes: prepared['classes']!,
        dataset,
        ...(held ? { weights: [held.ref] } : {}),
        ...(best ? { best } : {}),
      },
    };
  });
}

/**
 * Boosted weights of every unit. Undefined when an operator skipped them.
 *
 * @param shardPath where one stage makes weights more than once, what tells its shards apart
 */
export async function boostWeights(
  steps: RoundSteps,
  path: string,
  scheme: Scheme,
  units: readonly Unit[],
  start: Start,
  shardPath = path,
): Promise<Map<Unit, StageResult> | undefined> {
  const made = await steps.runner.run(
    path,
    () => boostShards(shardPath, steps.ground(), scheme, units, start),
    { skippable: true },
  );
  return made && new Map(units.map((unit, u) => [unit, made[u]!]));
}

/** The boosted column of such weights. */
export const boostedWeights = (made: ReadonlyMap<Unit, StageResult>, base: string): UnitWeights =>
  new Map(
    [...made].map(([unit, { outputs }]) => [
      unit,
      { ref: outputs['weights']![0]!, policy: boostedName(base) },
    ]),
  );

/** b of every unit after its proposal. */
export const factorsAfter = (factors: UnitFactors, made: ReadonlyMap<Unit, StageResult>): UnitFactors =>
  new Map(
    [...made].map(([unit, { figures }]) => {
      const before = factors.get(unit) ?? [];
      const slice = String(figures['slice']);
      if (slice === '') return [unit, before];
      return [
        unit,
        [...before.filter((one) => one.slice !== slice), { slice, factor: Number(figures['factor']) }],
      ];
    }),
  );

/**
 * Raises the weight of one slice on top of the incumbent's weights, at the incumbent's strength, and lets the rows that
 * each unit held out judge it. Undefined when an operator skipped it, or the task has no errors to be trusted.
 */
export async function tryBoost(
  steps: RoundSteps,
  scheme: Scheme,
  round: number,
  incumbent: Incumbent,
  evidence: ReadonlyMap<Unit, StageResult>,
  before: readonly TriedBoost[],
): Promise<{ incumbent: Incumbent; boost: TriedBoost } | undefined> {
  const path = `loop.${round}.boost`;
  const units = [...evidence.keys()];
  const { base, factors, weights } = incumbent;
  const refused = (unit: Unit): string[] =>
    before.filter(({ accepted }) => !accepted).flatMap(({ slices }) => slices.get(unit) || []);
  const made = await boostWeights(steps, path, scheme, units, {
    ...{ base, factors, weights },
    propose: { evidence, refused },
  });
  const full = made?.get(FULL_UNIT);
  if (!made || !full?.outputs['proposal']) return undefined;
  const slices = new Map([...made].map(([unit, { figures }]) => [unit, String(figures['slice'])]));
  const boosted = boostedWeights(made, base);
  const folds = units.filter((unit) => unit !== FULL_UNIT);
  const agreeing = folds.filter((unit) => slices.get(unit) === slices.get(FULL_UNIT));
  const isTried = slices.get(FULL_UNIT) !== '' && enoughAgree(agreeing.length, folds.length);
  const fits = isTried
    ? await steps.runner.run(
        path,
        () => fitShards(path, { ...steps.ground(), strengths: [incumbent.strength] }, scheme, units, boosted),
        { skippable: true },
      )
    : [];
  const judged =
    fits &&
    (await steps.runner.run(
      path,
      () => [judgeShard(path, steps.ground(), round, incumbent, made, fits, before)],
      {
        skippable: true,
      },
    ));
  if (!judged) return undefined;
  const { figures } = judged[0]!;
  const boost: TriedBoost = {
    judged: judged[0]!,
    accepted: figures['accepted'] === 1,
    pValue: isTried ? Number(figures['pValue']) : undefined,
    slices,
  };
  if (isTried) steps.onRound(round, { name: String(figures['metric']), value: Number(figures['value']) });
  if (!boost.accepted) return { incumbent, boost };
  return {
    boost,
    incumbent: {
      ...incumbent,
      policy: boostedName(base),
      weights: boosted,
      factors: factorsAfter(factors, made),
      predictions: fits,
      effectiveSampleSize: Number(full.figures['effectiveSampleSize']),
      mixedWithUniform: mixedBoth(incumbent.mixedWithUniform, Number(full.figures['mixedWithUniform'])),
      chain: [...incumbent.chain, BOOST],
    },
  };
}

function judgeShard(
  path: string,
  { config, prepared }: Ground,
  round: number,
  incumbent: Incumbent,
  made: ReadonlyMap<Unit, StageResult>,
  fits: readonly StageResult[],
  before: readonly TriedBoost[],
): Shard {
  const { loop, task, seed } = config;
  const all = (output: string): Artifacts[string] =>
    [...made.values()].flatMap(({ outputs }) => outputs[output]!);
  return {
    path: `${path}.judge`,
    stage: 'judgeBoost',
    summary: 'does the boost win inside its slice?',
    seed,
    params: {
      task,
      ...(loop.metric ? { metric: loop.metric } : {}),
      round,
      strength: incumbent.strength,
      alpha: loop.alpha,
      maxLoss: loop.sliceBoosts.maxLoss,
      earlier: before.flatMap(({ pValue }) => pValue ?? []),
      planned: loop.maxRounds - 1, // rounds from the second on propose one each
    },
    inputs: {
      samples: prepared['samples']!,
      classes: prepared['classes']!,
      proposals: all('proposal'), // FULL_UNIT is the last unit
      ...(fits.length > 0
        ? {
            inside: all('inside'),
            incumbent: predictionsOf(incumbent.predictions),
            boosted: predictionsOf(fits),
          }
        : {}),
    },
  };
}
