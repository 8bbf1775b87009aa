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
    case 'iqr': {
      const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
      return around(first, third, rule.factor * (third - first));
    }
    case 'mad': {
      const median = quantile(sorted, 0.5);
      const spread = quantile(sorted.map((value) => Math.abs(value - median)).sort(), 0.5);
      return around(median, median, rule.factor * MAD_SCALE * spread);
    }
    case 'quantile':
      return { low: quantile(sorted, rule.factor), high: quantile(sorted, 1 - rule.factor) };
  }
}

/** Discrete quantile: the smallest value that at least a share q of the values don't exceed. */
export function quantile(ascending: Float64Array, q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length - 1e-9) - 1)]!;
}

const around = (low: number, high: number, margin: number): Limits | undefined =>
  margin > 0 ? { low: low - margin, high: high + margin } : undefined;
