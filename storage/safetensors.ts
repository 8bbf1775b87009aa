import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import { bytesOfTensor, dtypeOf, makeTensor } from './modelTable.js';

const CODES = { float64: 'F64', float32: 'F32', int32: 'I32' } as const;
const DTYPES: Readonly<Record<string, string>> = { F64: 'float64', F32: 'float32', I32: 'int32' };
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Tensors and some words about them as one safetensors file.
 *
 * @throws RangeError when two tensors share a name
 * @source https://github.com/huggingface/safetensors, "Format"
 */
export function encodeSafetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const tensor of tensors) {
    if (Object.hasOwn(header, tensor.name)) throw new RangeError(`two tensors are called ${tensor.name}`);
    const end = offset + tensor.data.byteLength;
    header[tensor.name] = { dtype: CODES[dtypeOf(tensor)], shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padding = (ALIGNMENT - (text.length % ALIGNMENT)) % ALIGNMENT;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(text.length + padding));
  return Buffer.concat([length, text, Buffer.alloc(padding, ' '), ...tensors.map(bytesOfTensor)]);
}

/** What `encodeSafetensors` wrote, in its order. @throws StoreError when the file is damaged or has another dtype */
export function decodeSafetensors(file: Uint8Array): {
  readonly tensors: Tensor[];
  readonly metadata: Readonly<Record<string, string>>;
} {
  const { entries, metadata } = readSafetensors(file);
  const tensors = entries.map(({ name, dtype, shape, bytes }) =>
    makeTensor(name, DTYPES[dtype] ?? dtype, shape, bytes),
  );
  return { tensors, metadata };
}

/** A file's tensors as they are, in the order of their bytes. @throws StoreError when the header is damaged */
export function readSafetensors(file: Uint8Array): {
  readonly entries: { name: string; dtype: string; shape: readonly number[]; bytes: Uint8Array }[];
  readonly metadata: Readonly<Record<string, string>>;
} {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = bytes.length < LENGTH_BYTES ? NaN : Number(bytes.readBigUInt64LE(0));
  const start = LENGTH_BYTES + headerBytes;
  if (!(start <= bytes.length)) throw new StoreError('safetensors: the file is cut off within its header');
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    bytes.toString('utf8', LENGTH_BYTES, start),
  );
  const sorted = Object.entries(entries as Record<string, Entry>)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => ({ name, dtype, shape, from, to }),
    )
    .sort((a, b) => a.from - b.from || a.to - b.to);
  return {
    entries: sorted.map(({ from, to, ...entry }) => ({
      ...entry,
      bytes: bytes.subarray(start + from, start + to),
    })),
    metadata: metadata as Record<string, string>,
  };
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new StoreError('safetensors: the header is not JSON', { cause: error });
  }
}
