import type { GateConfig } from '../../contracts/settings.js';
import type { GateDecision } from '../../contracts/summary.js';
import { seeded } from '../random.js';
import { bootstrapMeans, quantile, weightedMean } from '../statistics/bootstrap.js';
import { signFlipMaxT } from '../statistics/signFlip.js';

export interface GateInput {
  /** Unweighted per-sample merits on the frozen test set, (n,); null: there is no champion yet. */
  readonly champion: Float64Array | null;
  readonly challenger: Float64Array;
  readonly groups: Int32Array; // (n,)
  readonly slices: readonly { readonly name: string; readonly rows: Int32Array }[];
  readonly calibrationError: number; // of the challenger
  readonly effectiveSampleSize: number; // share of n, of the challenger's training weights
  readonly config: GateConfig;
  /** How often this test set has been opened, this time included (1 = the first). */
  readonly openings: number;
  readonly seed: number;
  readonly metric?: string; // its name, for the texts
  readonly alpha?: number; // over all openings together; default 0.05
}

type Check = GateDecision['checks'][number];

const MAX_REPLICATES = 50_000;
const MIN_REPLICATES = 2_000;

/**
 * Whether the challenger may replace the champion. The k-th opening of a test set is tested at α/(k(k+1)), whose sum
 * over all k is α: looking again costs, but never runs out.
 *
 * @throws RangeError when the two were not judged on the same rows
 */
export function decideGate(input: GateInput): GateDecision {
  const { champion, challenger, config, openings } = input;
  if (champion !== null && champion.length !== challenger.length) {
    throw new RangeError(
      `gate: ${champion.length} rows of the champion, ${challenger.length} of the challenger`,
    );
  }
  const level = (input.alpha ?? 0.05) / (openings * (openings + 1));
  const checks = [
    checkQuality(input, level),
    checkSlices(input, level),
    checkLimit(
      'calibration error',
      input.calibrationError,
      config.maxCalibrationError,
      'most',
      'maxCalibrationError',
    ),
    checkLimit(
      'effective sample size',
      input.effectiveSampleSize,
      config.minEffectiveSampleSize,
      'least',
      'minEffectiveSampleSize',
    ),
  ];
  const failed = checks.filter(({ passed }) => !passed);
  return { promoted: failed.length === 0, checks, reason: explain(checks, failed) };
}

function explain(checks: readonly Check[], failed: readonly Check[]): string {
  if (failed.length === 0)
    return `Promoted: ${checks[0]!.name}: ${checks[0]!.found}; all ${checks.length} checks passed.`;
  const found = failed.map((check) => `${check.name}: found ${check.found}, allowed ${check.allowed}`);
  return `Refused: ${found.join('; ')}.`;
}

function replicatesFor(level: number): number {
  return Math.min(MAX_REPLICATES, Math.max(MIN_REPLICATES, Math.ceil(20 / level)));
}

function checkQuality(input: GateInput, level: number): Check {
  const { champion, challenger, groups, config, openings, seed } = input;
  const metric = input.metric ?? 'metric';
  const isStrict = config.require === 'better';
  const bound = isStrict ? 0 : -config.margin;
  const name = isStrict ? `better ${metric}` : `${metric} not inferior`;
  const allowed = `a lower bound above ${points(bound)} points`;
  if (champion === null) {
    const found = `${(100 * weightedMean(challenger)).toFixed(2)}%, no champion yet`;
    return {
      name,
      passed: true,
      found,
      allowed,
      detail: 'The first model of a name has nothing to be compared with.',
    };
  }
  const values = challenger.map((merit, i) => merit - champion[i]!);
  const replicates = replicatesFor(level);
  const means = bootstrapMeans({ values, groups, replicates, random: seeded(seed, 'gate.quality') });
  const low = quantile(means, level);
  return {
    name,
    passed: low > bound,
    found: `${points(weightedMean(values))} points (lower bound ${points(low)})`,
    allowed,
    detail:
      `Paired bootstrap by group, ${replicates} resamples, one-sided level ${level.toPrecision(3)} ` +
      `(opening ${openings} of this test set).`,
  };
}

function checkSlices(input: GateInput, level: number): Check {
  const { champion, challenger, groups, config, seed } = input;
  const slices = input.slices.filter(({ rows }) => rows.length >= config.minSliceSupport);
  const base = {
    name: 'slices',
    allowed: `no slice of at least ${config.minSliceSupport} rows significantly worse by more than ${(100 * config.maxSliceLoss).toFixed(2)} points`,
  };
  if (champion === null || slices.length === 0) {
    const found = champion === null ? 'no champion yet' : 'no slice with enough rows';
    return { ...base, passed: true, found, detail: `${slices.length} slices have enough rows.` };
  }
  const losses = slices.map(({ rows }) => {
    const loss = new Float64Array(challenger.length);
    for (const row of rows) loss[row] = champion[row]! - challenger[row]!;
    return loss;
  });
  const flips = Math.min(20_000, replicatesFor(level));
  const random = seeded(seed, 'gate.slices');
  const { pValues } = signFlipMaxT({ differences: losses, groups, flips, random });
  const judged = slices
    .map(({ name, rows }, i) => ({
      name,
      rows: rows.length,
      loss: (weightedMean(losses[i]!) * challenger.length) / rows.length,
      p: pValues[i]!,
    }))
    .sort((a, b) => b.loss - a.loss);
  const broken = judged.filter(({ loss, p }) => loss > config.maxSliceLoss && p < level);
  const shown = broken.length > 0 ? broken : judged.slice(0, 1);
  const texts = shown.map(
    ({ name, rows, loss, p }) => `${name}: ${points(-loss)} points (${rows} rows, p = ${p.toPrecision(2)})`,
  );
  return {
    ...base,
    passed: broken.length === 0,
    found: broken.length > 0 ? texts.join('; ') : `worst of ${judged.length}: ${texts.join('')}`,
    detail: `Sign flips of groups, largest statistic over ${judged.length} slices, level ${level.toPrecision(3)}.`,
  };
}

function checkLimit(
  name: string,
  found: number,
  limit: number,
  kind: 'most' | 'least',
  setting: string,
): Check {
  return {
    name,
    passed: kind === 'most' ? found <= limit : found >= limit, // false for NaN
    found: found.toFixed(3),
    allowed: `at ${kind} ${limit}`,
    detail: `gate.${setting}`,
  };
}

const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
