import type { GateConfig } from '../../contracts/gateSettings.js';
import type { Estimate, GateDecision } from '../../contracts/summary.js';
import { ALL_ROWS, type Check } from './check.js';
import { checkQuality } from './quality.js';
import { checkNamedSlices, checkSlices } from './slices.js';

export interface GateInput {
  /** Unweighted per-sample merits on the frozen test set, (n,); null: there is no champion yet. */
  readonly champion: Float64Array | null;
  readonly challenger: Float64Array;
  readonly groups: Int32Array; // (n,)
  readonly slices: readonly { readonly name: string; readonly rows: Int32Array }[];
  /** Expected calibration error of the challenger, with its interval where there is one. */
  readonly calibrationError: number | Estimate;
  /** Mean prediction over empirical rate, of tasks that predict a rate. */
  readonly calibrationRatio?: Estimate;
  readonly effectiveSampleSize: number; // share of n, of the challenger's training weights
  readonly config: GateConfig;
  /** How often this test set has been opened, this time included (1 = the first). */
  readonly openings: number;
  readonly seed: number;
  readonly metric?: string; // its name, for the texts
  /** What the n are, for the texts: rows, or groups (queries, users) that are judged as a whole. @default rows */
  readonly units?: 'rows' | 'groups';
  readonly alpha?: number; // over all openings together; default 0.05
}

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
  const enough = checkRows(input);
  const checks = [
    ...(enough.passed ? [checkQuality(input, level), checkSlices(input, level)] : [enough]),
    ...checkNamedSlices(input),
    checkLimit(
      { name: 'calibration error', metric: 'ece', slice: ALL_ROWS },
      input.calibrationError,
      config.maxCalibrationError,
      'most',
      'maxCalibrationError',
    ),
    ...checkRatio(input),
    checkLimit(
      { name: 'effective sample size', metric: 'effective sample size', slice: 'training rows' },
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

/** Rows that the champion was trained on prove nothing: too few may be left. */
function checkRows({ challenger, config, units = 'rows' }: GateInput): Check {
  return {
    name: `${units} to compare on`,
    passed: challenger.length >= config.minRows,
    found: String(challenger.length),
    allowed: `at least ${config.minRows}`,
    detail: 'gate.minRows; test rows that the champion was trained on are left out',
    ...{ metric: units, slice: ALL_ROWS, threshold: config.minRows },
  };
}

/** Predictions that are too high or too low on the whole; only where bounds are set. */
function checkRatio({ calibrationRatio, config }: GateInput): Check[] {
  const bounds = config.calibrationRatio;
  if (!bounds) return [];
  const [low, high] = bounds;
  const base = {
    ...{ name: 'calibration ratio', metric: 'calibration_ratio', slice: ALL_ROWS },
    allowed: `${low} to ${high}`,
    detail: 'gate.calibrationRatio: mean prediction over empirical rate',
  };
  if (!calibrationRatio) return [{ ...base, passed: false, found: 'not measured', threshold: low }];
  const { value, low: from, high: to } = calibrationRatio;
  return [
    {
      ...base,
      passed: value >= low && value <= high, // false for NaN
      found: `${value.toFixed(3)} (95%: ${from.toFixed(3)} to ${to.toFixed(3)})`,
      interval: { low: from, high: to },
      threshold: Math.abs(value - low) < Math.abs(value - high) ? low : high, // the nearer one
    },
  ];
}

function checkLimit(
  what: Required<Pick<Check, 'name' | 'metric' | 'slice'>>,
  found: number | Estimate,
  limit: number,
  kind: 'most' | 'least',
  setting: string,
): Check {
  const estimate = typeof found === 'number' ? undefined : found;
  const value = typeof found === 'number' ? found : found.value;
  return {
    ...what,
    passed: kind === 'most' ? value <= limit : value >= limit, // false for NaN
    found: `${value.toFixed(3)}${estimate ? ` (95%: ${estimate.low.toFixed(3)} to ${estimate.high.toFixed(3)})` : ''}`,
    allowed: `at ${kind} ${limit}`,
    detail: `gate.${setting}`,
    ...(estimate ? { interval: { low: estimate.low, high: estimate.high } } : {}),
    threshold: limit,
  };
}
