import type { Tensor } from '../../contracts/matrix.js';

/** A matrix (rows, cols) as (cols, rows). */
export function transposed({ name, shape, data }: Tensor): Tensor {
  const [rows, cols] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) turned[col * rows + row] = data[row * cols + col]!;
  }
  return { name, shape: [cols, rows], data: turned };
}

/** Tensors of one shape side by side along the last axis. */
export function sideBySide(name: string, parts: readonly Tensor[]): Tensor {
  const { shape, data } = parts[0]!;
  const width = shape.at(-1)!;
  const joined = new Float32Array(data.length * parts.length);
  parts.forEach((part, p) => {
    for (let start = 0, row = 0; start < data.length; start += width, row++) {
      joined.set(part.data.subarray(start, start + width), (row * parts.length + p) * width);
    }
  });
  return { name, shape: [...shape.slice(0, -1), width * parts.length], data: joined };
}

/** Undoes {@link sideBySide}. */
export function apart(tensor: Tensor, names: readonly string[]): Tensor[] {
  const whole = tensor.shape.at(-1)!;
  const width = whole / names.length;
  const shape = [...tensor.shape.slice(0, -1), width];
  return names.map((name, p) => {
    const data = new Float32Array(tensor.data.length / names.length);
    for (let row = 0; row * width < data.length; row++) {
      const start = row * whole + p * width;
      data.set(tensor.data.subarray(start, start + width), row * width);
    }
    return { name, shape, data };
  });
}
