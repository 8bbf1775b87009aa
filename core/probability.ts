/**
 * log Σ exp of `outputs` consecutive values from `start`, without overflow.
 *
 * @returns −∞ where all values are −∞
 */
export function logSumExp(values: Float64Array, start: number, outputs: number): number {
  let highest = -Infinity;
  for (let c = 0; c < outputs; c++) highest = Math.max(highest, values[start + c]!);
  if (highest === -Infinity) return -Infinity;
  let sum = 0;
  for (let c = 0; c < outputs; c++) sum += Math.exp(values[start + c]! - highest);
  return highest + Math.log(sum);
}

/**
 * Log class probabilities, nats, shape (n, K) row-major.
 *
 * @throws RangeError where a row has no class with a finite logit, or a NaN
 */
export function logSoftmaxRows(logits: Float64Array, outputs: number): Float64Array {
  const logProbabilities = new Float64Array(logits.length); // (n, K)
  for (let start = 0; start < logits.length; start += outputs) {
    const normaliser = finiteNormaliser(logits, start, outputs);
    for (let c = 0; c < outputs; c++) logProbabilities[start + c] = logits[start + c]! - normaliser;
  }
  return logProbabilities;
}

/**
 * Class probabilities, shape (n, K) row-major, each row summing to 1.
 *
 * @throws RangeError where a row has no class with a finite logit, or a NaN
 */
export function softmaxRows(logits: Float64Array, outputs: number): Float64Array {
  const probabilities = logSoftmaxRows(logits, outputs); // (n, K)
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = Math.exp(probabilities[i]!);
  return probabilities;
}

/**
 * Log probability of the class that each row is given, nats, shape (n,); no (n, K) array is made.
 *
 * @throws RangeError where a row has no class with a finite logit, or a NaN
 */
export function logProbabilityOf(targets: Int32Array, logits: Float64Array, outputs: number): Float64Array {
  return Float64Array.from(targets, (target, row) => {
    const start = row * outputs;
    return logits[start + target]! - finiteNormaliser(logits, start, outputs);
  });
}

/** Code of the most probable class of each row, shape (n,); the first of equals, as numpy's argmax. */
export function argmaxRows(values: Float64Array | Float32Array, outputs: number): Int32Array {
  const codes = new Int32Array(values.length / outputs);
  for (let row = 0; row < codes.length; row++) {
    const start = row * outputs;
    let best = 0;
    for (let c = 1; c < outputs; c++) if (values[start + c]! > values[start + best]!) best = c;
    codes[row] = best;
  }
  return codes;
}

/** Shannon entropy of one distribution in nats; 0·log 0 is 0. */
export function entropy(probabilities: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < probabilities.length; c++) {
    const p = probabilities[c]!;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/** Shannon entropy of each row of probabilities (n, K), in nats, shape (n,). */
export function entropyRows(probabilities: Float64Array, outputs: number): Float64Array {
  const entropies = new Float64Array(probabilities.length / outputs);
  for (let row = 0; row < entropies.length; row++) {
    entropies[row] = entropy(probabilities.subarray(row * outputs, (row + 1) * outputs));
  }
  return entropies;
}

/** Number of rows of each class, shape (K,). */
export function classCounts(targets: Int32Array, outputs: number): Float64Array {
  const counts = new Float64Array(outputs);
  for (let row = 0; row < targets.length; row++) counts[targets[row]!]!++;
  return counts;
}

function finiteNormaliser(logits: Float64Array, start: number, outputs: number): number {
  const normaliser = logSumExp(logits, start, outputs);
  if (Number.isFinite(normaliser)) return normaliser;
  throw new RangeError(
    `logits: expected numbers, at least one of them finite, in row ${start / outputs}, ` +
      `got [${logits.subarray(start, start + Math.min(outputs, 5)).join(', ')}]: did training diverge?`,
  );
}
