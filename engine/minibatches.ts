import type { Batches, HostTensor } from '../contracts/engine.js';
import { seeded } from '../core/random.js';

/** Rows that take part in training: the weight of the others is 0. */
export function weightedRows(sampleWeights: Float64Array): Int32Array {
  return Int32Array.from(sampleWeights.keys()).filter((row) => sampleWeights[row]! > 0);
}

/** Rows of one epoch in the order in which they are seen; decided by seed and epoch alone. */
export function epochOrder(rows: Int32Array, seed: number, epoch: number): Int32Array {
  return seeded(seed, `engine.epoch.${epoch}`).shuffle(rows.slice());
}

/** A batch of one size: filled up with rows that count for nothing. */
export interface Minibatch {
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly shares: Float32Array; // (batch size,)
}

/**
 * Reads some rows as a batch of a fixed size.
 *
 * @param divisor batch size × mean weight
 * @param path names the random stream of what is drawn while reading
 */
export function readMinibatch(
  batches: Batches,
  rows: Int32Array,
  size: number,
  sampleWeights: Float64Array,
  divisor: number,
  seed: number,
  path: string,
): Minibatch {
  const shares = new Float32Array(size);
  rows.forEach((row, i) => (shares[i] = sampleWeights[row]! / divisor));
  return { inputs: readPadded(batches, rows, size, seed, path), shares };
}

/** Reads rows as a batch of a fixed size, repeating the first one to fill it up. */
export function readPadded(
  batches: Batches,
  rows: Int32Array,
  size: number,
  seed: number,
  path: string,
): Readonly<Record<string, HostTensor>> {
  const padded = new Int32Array(size).fill(rows[0]!);
  padded.set(rows);
  return batches.read(padded, seeded(seed, path).next);
}
