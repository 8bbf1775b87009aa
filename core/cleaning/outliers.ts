import type { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import type { OutlierRule } from '../../contracts/settings.js';

/** Values outside are outliers; the limits themselves are not. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

/** Makes the MAD of normally distributed values their standard deviation. */
const MAD_SCALE = 1.4826;

/**
 * Limits of a column by its training values.
 *
 * @returns undefined where the values are too alike to tell (spread of 0) or there are none
 * @throws ConfigError when a quantile rule's tail share is not below one half
 */
export function fitLimits(values: readonly number[], rule: z.infer<typeof OutlierRule>): Limits | undefined {
  if (rule.method === 'quantile' && rule.factor >= 0.5) {
    throw new ConfigError(
      `clean.outliers, column "${rule.column}": for method quantile, factor is the share of each tail, ` +
        `expected less than 0.5 (such as 0.001), got ${rule.factor}`,
    );
  }
  const sorted = Float64Array.from(values.filter((value) => Number.isFinite(value))).sort();
  if (sorted.length === 0) return undefined;
  switch (rule.method) {
    case 'iqr':
      return fittedLimits(rule, [quantile(sorted, 0.25), quantile(sorted, 0.75)]);
    case 'mad': {
      const median = quantile(sorted, 0.5);
      const spread = quantile(sorted.map((value) => Math.abs(value - median)).sort(), 0.5);
      return fittedLimits(rule, [median, spread]);
    }
    case 'quantile':
      return fittedLimits(rule, [quantile(sorted, rule.factor), quantile(sorted, 1 - rule.factor)]);
  }
}

/** @param found iqr: the quartiles; mad: median, and median distance from it; quantile: both tails' ends */
export function fittedLimits(
  rule: z.infer<typeof OutlierRule>,
  found: readonly number[],
): Limits | undefined {
  const [first, second] = found as [number, number];
  switch (rule.method) {
    case 'iqr':
      return around(first, second, rule.factor * (second - first));
    case 'mad':
      return around(first, first, rule.factor * MAD_SCALE * second);
    case 'quantile':
      return { low: first, high: second };
  }
}

/** Discrete quantile: the smallest value that at least a share q of the values don't exceed. */
export function quantile(ascending: Float64Array, q: number): number {
  return ascending[quantileRank(q, ascending.length)]!;
}

/** Where the discrete quantile stands among n ascending values, from 0. */
export function quantileRank(q: number, n: number): number {
  return Math.max(0, Math.ceil(q * n - 1e-9) - 1);
}

const around = (low: number, high: number, margin: number): Limits | undefined =>
  margin > 0 ? { low: low - margin, high: high + margin } : undefined;
