/** Logits (rows × K, row-major) of some rows for each strength of a grid. */
export interface PathLogits {
  readonly rows: Int32Array;
  readonly byStrength: readonly Float64Array[];
}

/**
 * Puts predictions of several units into the order of `rows`, each of which was held out exactly once.
 *
 * @returns for each strength, (rows × K)
 * @throws RangeError naming a row that nobody, or more than one, held out
 */
export function poolLogits(parts: readonly PathLogits[], rows: Int32Array, outputs: number): Float64Array[] {
  const positionOf = new Map<number, number>();
  rows.forEach((row, position) => positionOf.set(row, position));
  const seen = new Uint8Array(rows.length);
  const pooled = (parts[0]?.byStrength ?? []).map(() => new Float64Array(rows.length * outputs));
  for (const part of parts) {
    part.rows.forEach((row, i) => {
      const position = positionOf.get(row);
      if (position === undefined) throw new RangeError(`row ${row} is held out, but not among those to pool`);
      if (seen[position] === 1) throw new RangeError(`row ${row} is held out more than once`);
      seen[position] = 1;
      part.byStrength.forEach((logits, s) => {
        pooled[s]!.set(logits.subarray(i * outputs, (i + 1) * outputs), position * outputs);
      });
    });
  }
  const missed = seen.indexOf(0);
  if (missed >= 0) throw new RangeError(`row ${rows[missed]} was never held out`);
  return pooled;
}
