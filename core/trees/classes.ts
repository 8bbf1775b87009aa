/** Rows that take part in a fit: those of positive weight. */
export interface PresentRows {
  readonly rows: Int32Array; // their numbers, ascending
  readonly targets: Int32Array; // (rows,)
  readonly weights: Float64Array; // (rows,)
  readonly classWeights: Float64Array; // (K,)
}

/**
 * Leaves out the rows of weight 0.
 *
 * @throws RangeError where lengths differ, a weight isn't a number ≥ 0, a target isn't a class, or no row is left
 */
export function presentRows(
  rows: number,
  { targets, sampleWeights, outputs }: { targets: Int32Array; sampleWeights: Float64Array; outputs: number },
): PresentRows {
  if (targets.length !== rows || sampleWeights.length !== rows) {
    throw new RangeError(
      `expected ${rows} targets and weights, got ${targets.length} and ${sampleWeights.length}`,
    );
  }
  const classWeights = new Float64Array(outputs);
  const kept: number[] = [];
  for (let row = 0; row < rows; row++) {
    const [target, weight] = [targets[row]!, sampleWeights[row]!];
    if (!(weight >= 0 && weight < Infinity))
      throw new RangeError(`row ${row}: expected a weight ≥ 0, got ${weight}`);
    if (weight === 0) continue;
    if (!(target >= 0 && target < outputs))
      throw new RangeError(`row ${row}: expected a target in [0, ${outputs}), got ${target}`);
    classWeights[target]! += weight;
    kept.push(row);
  }
  if (kept.length === 0) throw new RangeError('expected a row of positive weight, got none');
  return {
    rows: Int32Array.from(kept),
    targets: Int32Array.from(kept, (row) => targets[row]!),
    weights: Float64Array.from(kept, (row) => sampleWeights[row]!),
    classWeights,
  };
}
