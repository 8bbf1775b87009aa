import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A time as people write it: `90s`, `15m`, `6h`, `7d`. */
export const Duration = z.string().regex(DURATION, 'a time such as 90s, 15m, 6h or 7d');

/** Milliseconds of a `Duration`. */
export function durationMs(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) throw new RangeError(`expected a time such as 90s or 6h, got "${text}"`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}
