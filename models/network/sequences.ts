import type { HostTensor } from '../../contracts/engine.js';
import type { SequenceBatch } from '../../contracts/model.js';

/** Number of tokens of every row: up to the last one that is not padding. */
export function tokenCounts({ rows, length, tokens }: SequenceBatch): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let count = length;
    while (count > 0 && tokens[row * length + count - 1] === 0) count--;
    return count;
  });
}

/**
 * A length that holds `needed` and is one of few: powers of two from 16, and one between each two of them. Batches
 * of few lengths make few traces, and short texts are not computed at the length of the longest.
 */
export function bucketLength(needed: number, longest: number): number {
  let bucket = 16;
  while (bucket < needed) bucket = Number.isInteger(Math.log2(bucket)) ? bucket * 1.5 : (bucket / 3) * 4;
  return Math.min(bucket, Math.max(1, longest));
}

/** The largest of some rows' values. */
export const largest = (values: Int32Array, rows: Int32Array): number =>
  rows.reduce((most, row) => Math.max(most, values[row]!), 0);

/** Tokens of the given rows, (b, length), cut or padded to that length. */
export function tokensOf(batch: SequenceBatch, rows: Int32Array, length: number): HostTensor {
  const data = new Int32Array(rows.length * length);
  rows.forEach((row, i) => {
    const start = row * batch.length;
    data.set(batch.tokens.subarray(start, start + Math.min(length, batch.length)), i * length);
  });
  return { shape: [rows.length, length], data };
}
