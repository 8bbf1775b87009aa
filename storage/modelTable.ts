import type { ColumnSpec } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { ColumnBatch } from '../contracts/table.js';

/** A tensor's bytes are cut into pieces of this size; the last one is smaller. */
const CHUNK_BYTES = 1 << 20;
const ROWS_PER_BATCH = 16;

/** Columns of a table of kind `model`: one row a chunk, in the order of tensors and chunks, bytes little-endian. */
export const MODEL_COLUMNS: readonly ColumnSpec[] = [
  { name: 'name', type: 'utf8' },
  { name: 'dtype', type: 'utf8' },
  { name: 'shape', type: 'utf8' }, // JSON: [2,3]
  { name: 'chunk', type: 'int32' },
  { name: 'bytes', type: 'bytes' },
];

const ARRAYS = { float64: Float64Array, float32: Float32Array, int32: Int32Array } as const;
type Dtype = keyof typeof ARRAYS;

/** Name of a tensor's element type. */
export function dtypeOf(tensor: Tensor): Dtype {
  if (tensor.data instanceof Float64Array) return 'float64';
  return tensor.data instanceof Float32Array ? 'float32' : 'int32';
}

/** A tensor of these little-endian bytes. @throws StoreError when they don't fit the shape or the type is unknown */
export function makeTensor(name: string, dtype: string, shape: readonly number[], bytes: Uint8Array): Tensor {
  if (!Object.hasOwn(ARRAYS, dtype)) {
    throw new StoreError(`tensor ${name}: expected dtype ${Object.keys(ARRAYS).join(' | ')}, got ${dtype}`);
  }
  const make = ARRAYS[dtype as Dtype];
  const size = shape.reduce((product, side) => product * side, 1);
  if (bytes.length !== size * make.BYTES_PER_ELEMENT) {
    throw new StoreError(
      `tensor ${name}: shape [${shape.join(', ')}] of ${dtype} needs ${String(size * make.BYTES_PER_ELEMENT)} bytes, got ${String(bytes.length)}`,
    );
  }
  // A copy: the bytes may lie unaligned in a larger buffer.
  return { name, shape, data: new make(Uint8Array.from(bytes).buffer) };
}

/** A tensor's bytes, little-endian, without copying. */
export function bytesOfTensor(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

interface Row {
  readonly tensor: Tensor;
  readonly chunk: number;
  readonly bytes: Uint8Array;
}

/** Tensors as a table. An empty tensor has one row without bytes. */
export function* tensorBatches(tensors: readonly Tensor[]): Iterable<ColumnBatch> {
  const rows = tensors.flatMap(chunksOf);
  for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) {
    const some = rows.slice(start, start + ROWS_PER_BATCH);
    yield {
      rows: some.length,
      columns: {
        name: some.map(({ tensor }) => tensor.name),
        dtype: some.map(({ tensor }) => dtypeOf(tensor)),
        shape: some.map(({ tensor }) => JSON.stringify(tensor.shape)),
        chunk: Int32Array.from(some, ({ chunk }) => chunk),
        bytes: some.map(({ bytes }) => bytes),
      },
    };
  }
}

function chunksOf(tensor: Tensor): Row[] {
  const bytes = bytesOfTensor(tensor);
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  return Array.from({ length: count }, (_, chunk) => ({
    tensor,
    chunk,
    bytes: bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES),
  }));
}

/** What `tensorBatches` wrote. @throws StoreError when chunks are missing or out of order */
export async function tensorsFromBatches(batches: AsyncIterable<ColumnBatch>): Promise<Tensor[]> {
  const tensors: Tensor[] = [];
  let pieces: Uint8Array[] = [];
  let current: { name: string; dtype: string; shape: string } | undefined;
  const finish = (): void => {
    if (current === undefined) return;
    const shape = JSON.parse(current.shape) as number[];
    tensors.push(makeTensor(current.name, current.dtype, shape, Buffer.concat(pieces)));
    pieces = [];
  };
  for await (const { rows, columns } of batches) {
    const { name, dtype, shape, bytes } = columns as Record<string, readonly string[]> & {
      bytes: Uint8Array[];
    };
    const chunk = columns['chunk'] as Int32Array;
    for (let row = 0; row < rows; row++) {
      if (chunk[row] === 0) {
        finish();
        current = { name: name![row]!, dtype: dtype![row]!, shape: shape![row]! };
      } else if (current?.name !== name![row] || chunk[row] !== pieces.length) {
        throw new StoreError(`tensor ${name![row]!}: chunk ${String(chunk[row])} is out of order`);
      }
      pieces.push(bytes[row]!);
    }
  }
  finish();
  return tensors;
}
