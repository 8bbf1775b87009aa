import type { Tensor } from '../../contracts/matrix.js';
import type { Random } from '../../core/random.js';

const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

const filled = (name: string, shape: readonly number[], value: () => number): Tensor => ({
  name,
  shape,
  data: Float32Array.from({ length: size(shape) }, value),
});

export const zeros = (name: string, shape: readonly number[]): Tensor => filled(name, shape, () => 0);
export const ones = (name: string, shape: readonly number[]): Tensor => filled(name, shape, () => 1);

/** Uniform in ±limit. */
export const uniform = (name: string, shape: readonly number[], limit: number, random: Random): Tensor =>
  filled(name, shape, () => (2 * random.next() - 1) * limit);

/**
 * Uniform in ±√(6 / (in + out)), for a kernel (in, out).
 *
 * @source Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", (16)
 */
export const glorotUniform = (name: string, shape: readonly [number, number], random: Random): Tensor =>
  uniform(name, shape, Math.sqrt(6 / (shape[0] + shape[1])), random);

/** Normal, drawn again beyond two standard deviations, as BERT starts. */
export const truncatedNormal = (
  name: string,
  shape: readonly number[],
  deviation: number,
  random: Random,
): Tensor =>
  filled(name, shape, () => {
    let z = random.normal();
    while (Math.abs(z) > 2) z = random.normal();
    return z * deviation;
  });

/**
 * Rows that are orthonormal, (rows, cols) with rows ≤ cols.
 *
 * @source Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks"
 */
export function orthogonalRows(rows: number, cols: number, random: Random): Float32Array {
  const basis: Float64Array[] = [];
  for (let row = 0; row < rows; row++) {
    const vector = Float64Array.from({ length: cols }, () => random.normal());
    for (const earlier of basis) subtractProjection(vector, earlier);
    for (const earlier of basis) subtractProjection(vector, earlier); // twice: orthogonal to rounding
    const norm = Math.hypot(...vector);
    basis.push(vector.map((value) => value / norm));
  }
  const matrix = new Float32Array(rows * cols);
  basis.forEach((vector, row) => matrix.set(vector, row * cols));
  return matrix;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  let dot = 0;
  for (let i = 0; i < vector.length; i++) dot += vector[i]! * unit[i]!;
  for (let i = 0; i < vector.length; i++) vector[i]! -= dot * unit[i]!;
}
