import type { SplitConfig } from '../../contracts/splitSettings.js';
import { hashSplit, lastOfGroupSplit, stratifiedSplit, timeSplit } from '../split.js';
import { SPLITS } from '../../contracts/prepared.js';
import type { SplitNames } from './datasetBuilder.js';

export interface SplitColumns {
  readonly ids: readonly string[]; // (n,)
  readonly targets: readonly string[]; // (n,)
  readonly groups: readonly (string | null)[] | undefined; // (n,); null: a group of its own
  readonly timesMs: Float64Array | undefined; // (n,)
  /** What the data say, for split by column. */
  readonly given: readonly (string | null)[] | undefined; // (n,)
}

/** Whether the rows of a group have to be on one side. */
export const keepsGroups = (split: SplitConfig): boolean =>
  split.by !== 'column' && !('groups' in split && split.groups === 'apart');

/** Values of the data's own split column, by side; undefined where another way of splitting is configured. */
export function splitNames(split: SplitConfig): SplitNames | undefined {
  if (split.by !== 'column') return undefined;
  return new Map(SPLITS.map((side, index) => [split[side], index]));
}

/**
 * Side of every row.
 *
 * @returns (n,), indices into SPLITS
 * @throws DataError when a split by time lacks a time
 */
export function assignSplit(columns: SplitColumns, split: SplitConfig, seed: number): Uint8Array {
  const { ids, targets, timesMs, given } = columns;
  const named = keepsGroups(split) ? columns.groups : undefined;
  // Prefixes keep a group from meeting a row without group whose id is spelt alike.
  const groups = named?.map((group, row) => (group === null ? `id:${ids[row]!}` : `group:${group}`));
  switch (split.by) {
    case 'hash':
      return hashSplit(named?.map((group, row) => group ?? ids[row]!) ?? ids, split.shares, seed);
    case 'stratified':
      return stratifiedSplit({ ids, targets, shares: split.shares, seed, ...(groups ? { groups } : {}) });
    case 'time':
      return timeSplit(timesMs!, split.shares, groups);
    case 'lastOfGroup':
      return lastOfGroupSplit(timesMs!, groups!, split);
    case 'column': {
      const names = splitNames(split)!;
      return Uint8Array.from(given!, (value) => names.get(value!)!);
    }
  }
}
