import type { StageRequest } from '../../contracts/stage.js';
import type { SearchRange, SearchSpace } from '../../contracts/tune.js';
import { seeded, type Random } from '../random.js';

/** Values of the parameters that are searched, by name. */
export type TrialParams = Readonly<Record<string, StageRequest['params']>>;

/** Draws in a row that bring nothing new, after which a space counts as tried out. */
const MOST_REPEATS = 100;

/**
 * Settings of the trials from 1 on, no two alike and none like the given ones; fewer where the space has no more. Trial n
 * is the same however many are drawn.
 */
export function drawTrials(
  space: SearchSpace,
  trials: number,
  seed: number,
  given: TrialParams = {},
): TrialParams[] {
  const random = seeded(seed, 'tune');
  const names = Object.keys(space).sort();
  const seen = new Set([keyOf(names, given)]);
  const drawn: TrialParams[] = [];
  for (let repeats = 0; drawn.length < trials && repeats < MOST_REPEATS; repeats++) {
    const params = Object.fromEntries(names.map((name) => [name, drawValue(space[name]!, random)]));
    const key = keyOf(names, params);
    if (seen.has(key)) continue;
    seen.add(key);
    drawn.push(params);
    repeats = -1;
  }
  return drawn;
}

const keyOf = (names: readonly string[], params: TrialParams): string =>
  JSON.stringify(names.map((name) => params[name] ?? null));

/** One number of chance a value, whatever its kind. */
function drawValue(values: SearchSpace[string], random: Random): TrialParams[string] {
  const chance = random.next();
  return Array.isArray(values) ? values[Math.floor(chance * values.length)]! : valueAt(values, chance);
}

/** The value at a place in [0, 1) of a range; whole numbers are as likely as the part of the range that rounds to them. */
export function valueAt({ from, to, scale, integer }: SearchRange, place: number): number {
  const [low, high] = integer ? [from - 0.5 + 1e-9, to + 0.5 - 1e-9] : [from, to];
  if (scale === 'linear') return rounded(low + place * (high - low), integer);
  const value = Math.exp(Math.log(low) + place * (Math.log(high) - Math.log(low)));
  return rounded(Math.min(high, Math.max(low, value)), integer);
}

/** Four digits say enough of a setting that was drawn by chance, and read better. */
const rounded = (value: number, integer: boolean): number =>
  integer ? Math.round(value) : Number(value.toPrecision(4));
