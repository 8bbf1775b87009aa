import { ConfigError, DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import { hash32 } from './random.js';

/** Shares of train, validation and test; their sum is 1. */
export type Shares = readonly [number, number, number];

const TEST = SPLITS.indexOf('test');

/**
 * Side of each key by a threshold on its seeded hash: a key never changes side when rows are added, and shares hold
 * in expectation. Give the group as key, else the id.
 *
 * @returns (n,), indices into SPLITS
 */
export function hashSplit(keys: readonly string[], shares: Shares, seed: number): Uint8Array {
  checkShares(shares);
  return Uint8Array.from(keys, (key) => sideOf(hash32(`split:${key}`, seed) / 2 ** 32, shares));
}

function sideOf(position: number, [train, validation, test]: Shares): number {
  if (position < train) return 0;
  return position < train + validation || test === 0 ? 1 : TEST;
}

/** `groups`: rows with the same value stay on one side. */
export interface StratifiedSplitInput {
  readonly ids: readonly string[];
  readonly targets: readonly (string | number)[];
  readonly groups?: readonly string[];
  readonly shares: Shares;
  readonly seed: number;
}

/**
 * Exact shares per class: inside each class, in the order of a seeded hash of the id, the first ⌊train·n⌋ rows train,
 * the next ⌊validation·n⌋ validate, the rest test. With groups, whole groups go (largest first) to the side that lacks
 * most of their classes, so shares are met as well as the groups allow.
 *
 * @returns (n,), indices into SPLITS
 */
export function stratifiedSplit(input: StratifiedSplitInput): Uint8Array {
  checkShares(input.shares);
  const keys = input.ids.map((id) => hash32(`split:${id}`, input.seed));
  const isGrouped = input.groups !== undefined && new Set(input.groups).size < input.groups.length;
  return isGrouped ? splitGroups(input, input.groups!, keys) : splitRows(input, keys);
}

function splitRows({ ids, targets, shares }: StratifiedSplitInput, keys: readonly number[]): Uint8Array {
  const side = new Uint8Array(ids.length);
  for (const rows of collect(targets).values()) {
    rows.sort((a, b) => keys[a]! - keys[b]! || (ids[a]! < ids[b]! ? -1 : 1));
    const train = Math.floor(shares[0] * rows.length + 1e-9);
    const validation = Math.floor(shares[1] * rows.length + 1e-9);
    rows.forEach(
      (row, i) => (side[row] = i < train ? 0 : i < train + validation || shares[2] === 0 ? 1 : TEST),
    );
  }
  return side;
}

function splitGroups(
  { ids, targets, shares }: StratifiedSplitInput,
  groups: readonly string[],
  keys: readonly number[],
): Uint8Array {
  const totals = new Map([...collect(targets)].map(([target, rows]) => [target, rows.length]));
  const members = [...collect(groups).values()];
  const groupKeys = new Map(members.map((rows) => [rows, Math.min(...rows.map((row) => keys[row]!))]));
  members.sort((a, b) => b.length - a.length || groupKeys.get(a)! - groupKeys.get(b)!);
  const held = SPLITS.map(() => new Map<string | number, number>());
  const side = new Uint8Array(ids.length);
  for (const rows of members) {
    const counts = new Map(
      [...collect(rows.map((row) => targets[row]!))].map(([target, at]) => [target, at.length]),
    );
    const lacks = shares.map((share, candidate) => {
      if (share === 0) return -Infinity;
      let sum = 0;
      for (const [target, count] of counts) {
        const already = held[candidate]!.get(target) ?? 0;
        sum += count * (1 - already / (share * totals.get(target)!));
      }
      return sum;
    });
    const chosen = lacks.indexOf(Math.max(...lacks));
    for (const [target, count] of counts) held[chosen]!.set(target, (held[chosen]!.get(target) ?? 0) + count);
    for (const row of rows) side[row] = chosen;
  }
  return side;
}

function collect<T>(values: readonly T[]): Map<T, number[]> {
  const rowsOf = new Map<T, number[]>();
  values.forEach((value, row) => {
    const rows = rowsOf.get(value);
    if (rows === undefined) rowsOf.set(value, [row]);
    else rows.push(row);
  });
  return rowsOf;
}

/**
 * Oldest rows train, newest test. Rows of one instant stay on one side; so do rows of one group, which stands where
 * its newest row stands, so that no group is trained on with events later than the test's.
 *
 * @param timesMs epoch milliseconds, (n,)
 * @returns (n,), indices into SPLITS
 * @throws DataError naming the first row whose time is missing
 */
export function timeSplit(timesMs: Float64Array, shares: Shares, groups?: readonly string[]): Uint8Array {
  checkShares(shares);
  checkTimes(timesMs);
  const standing = groups === undefined ? timesMs : newestOfGroup(timesMs, groups);
  const ordered = standing.slice().sort();
  const n = ordered.length;
  const position = (time: number): number => countBelow(ordered, time) / n;
  return Uint8Array.from(standing, (time) => sideOf(position(time), shares));
}

/** How many of a group's events are held out. */
export interface LastOfGroup {
  readonly validation: number;
  readonly test: number;
}

/**
 * Leave last out: of each group the newest `test` events test, the `validation` events before them validate, all others
 * train. Rows of one instant are one event (what was taken, and what was shown beside it); a group that has no more
 * events than are held out trains.
 *
 * @param timesMs epoch milliseconds, (n,)
 * @param groups (n,)
 * @returns (n,), indices into SPLITS
 * @throws DataError naming the first row whose time is missing
 */
export function lastOfGroupSplit(
  timesMs: Float64Array,
  groups: readonly string[],
  { validation, test }: LastOfGroup,
): Uint8Array {
  checkTimes(timesMs);
  const side = new Uint8Array(groups.length);
  for (const rows of collect(groups).values()) {
    const events = [...new Set(rows.map((row) => timesMs[row]!))].sort((a, b) => b - a);
    if (events.length <= validation + test) continue;
    const firstTested = events[test - 1]!;
    const firstHeldOut = events[test + validation - 1]!;
    for (const row of rows) {
      const time = timesMs[row]!;
      side[row] = time >= firstTested ? TEST : time >= firstHeldOut ? 1 : 0;
    }
  }
  return side;
}

/** @throws DataError naming the first row whose time is missing */
function checkTimes(timesMs: Float64Array): void {
  const missing = timesMs.findIndex((time) => !Number.isFinite(time));
  if (missing < 0) return;
  throw new DataError(
    `dataset.split: by time needs a time in every row, but row ${missing + 1} has ${timesMs[missing]}: ` +
      'fill columns.time, or set clean.missing for it to drop',
  );
}

function newestOfGroup(timesMs: Float64Array, groups: readonly string[]): Float64Array {
  const newest = new Map<string, number>();
  groups.forEach((group, row) => newest.set(group, Math.max(newest.get(group) ?? -Infinity, timesMs[row]!)));
  return Float64Array.from(groups, (group) => newest.get(group)!);
}

/** Number of values below `limit` in an ascending array. */
function countBelow(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many groups have rows on more than one side. @param sides (n,); groups (n,) */
export function groupsOnSeveralSides(groups: Int32Array, sides: ArrayLike<number>): number {
  const first = new Map<number, number>();
  const torn = new Set<number>();
  groups.forEach((group, row) => {
    const side = first.get(group) ?? sides[row]!;
    first.set(group, side);
    if (side !== sides[row]) torn.add(group);
  });
  return torn.size;
}

/** @throws ConfigError when they are not three shares of one */
export function checkShares(shares: Shares): void {
  const sum = shares[0] + shares[1] + shares[2];
  if (shares.some((share) => !(share >= 0)) || Math.abs(sum - 1) > 1e-9) {
    throw new ConfigError(
      `dataset.split.shares: expected three shares (train, validation, test) that add up to 1, got ` +
        `${shares.join(', ')} (sum ${sum})`,
    );
  }
}
