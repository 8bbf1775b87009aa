import { SPLITS, type Split } from '../contracts/prepared.js';
import type { Sha256Of } from './dataset.js';

const SHARES = [0.7, 0.15] as const;
const SPLIT_SEED = 42;

/**
 * The published 70/15/15 split: inside each class, rows in order of SHA-256("42:split:{name}:{row}"), the first
 * ⌊0.70 n⌋ train, the next ⌊0.15 n⌋ validate, the rest test.
 *
 * @param shares of train and validation
 * @returns (n,)
 */
export function splitByHash(
  name: string,
  targets: readonly string[],
  sha256: Sha256Of,
  shares: readonly [number, number] = SHARES,
): Split[] {
  const splits = new Array<Split>(targets.length);
  const byClass = new Map<string, number[]>();
  targets.forEach((target, row) => {
    const rows = byClass.get(target);
    if (rows) rows.push(row);
    else byClass.set(target, [row]);
  });
  for (const rows of byClass.values()) {
    const ordered = orderByHash(rows, (row) => sha256(`${SPLIT_SEED}:split:${name}:${row}`));
    const train = Math.floor(shares[0] * rows.length);
    const validation = Math.floor(shares[1] * rows.length);
    ordered.forEach((row, i) => (splits[row] = SPLITS[i < train ? 0 : i < train + validation ? 1 : 2]));
  }
  return splits;
}

/** Rows in ascending order of their hashes. */
export function orderByHash(rows: readonly number[], hashOf: (row: number) => string): number[] {
  const keyed = rows.map((row) => ({ row, hash: hashOf(row) }));
  return keyed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ row }) => row);
}
