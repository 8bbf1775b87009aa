import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A task that Assay and a Python library both do, on the same bytes. */
export interface Contest {
  readonly name: string;
  readonly title: string;
  readonly peer: string;
  readonly script: string; // in bench/importance/
  /** Figures of both sides that are printed beside the seconds. */
  readonly figures: readonly string[];
  /** Writes what both sides read. */
  prepare(folder: string): void;
  /** Does the task in this process; what it returns is what the script prints. */
  measure(folder: string): Promise<Record<string, number>>;
}

/** Writes numbers as raw little-endian bytes. */
export function writeNumbers(folder: string, name: string, data: Float64Array | Int32Array): void {
  writeFileSync(join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

const bytesOf = (folder: string, name: string): ArrayBuffer =>
  Uint8Array.from(readFileSync(join(folder, name))).buffer;

export const readDoubles = (folder: string, name: string): Float64Array =>
  new Float64Array(bytesOf(folder, name));
export const readIntegers = (folder: string, name: string): Int32Array =>
  new Int32Array(bytesOf(folder, name));

/** Largest difference of two results; NaN where one is missing. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}
