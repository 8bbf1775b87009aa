import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import { readSafetensors } from './safetensors.js';

/** Element types that others write and we don't, and how each of their values reads. */
const FOREIGN: Readonly<Record<string, { bytes: number; read: (view: DataView, at: number) => number }>> = {
  F16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => fromBrain(view.getUint16(at, true)) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

/**
 * The floating-point tensors of a safetensors file that another program wrote, as float32. Tensors of whole numbers
 * (tables of positions, counters) are no parameters and are left out.
 *
 * @throws StoreError when the file is damaged
 */
export function decodeForeignSafetensors(file: Uint8Array): Tensor[] {
  return readSafetensors(file).entries.flatMap(({ name, dtype, shape, bytes }) => {
    const type = FOREIGN[dtype];
    if (!type) return [];
    const size = shape.reduce((product, side) => product * side, 1);
    if (bytes.length !== size * type.bytes) {
      throw new StoreError(
        `safetensors: ${name} (${shape.join(', ')}) of ${dtype} needs ${size * type.bytes} bytes, got ${bytes.length}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[i] = type.read(view, i * type.bytes);
    return [{ name, shape, data }];
  });
}

/** IEEE 754 half precision: 1 bit sign, 5 exponent, 10 fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function fromBrain(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
