import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decodeForeignSafetensors } from '../../storage/foreignSafetensors.js';

/** A safetensors file of tensors given by their bytes. */
function file(
  tensors: Readonly<Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>>,
): Buffer {
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => [
      name,
      { dtype, shape, data_offsets: [at, (at += bytes.length)] },
    ]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);

const cases = [
  {
    name: 'half precision',
    dtype: 'F16',
    bytes: bytesOf(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x3555),
    want: [1, -2, 65504, 2 ** -24, -0, Infinity, Math.fround(0.333251953125)],
  },
  {
    name: 'brain floats, the upper half of float32',
    dtype: 'BF16',
    bytes: bytesOf(0x3f80, 0xc000, 0x4049, 0x0000, 0xff80),
    want: [1, -2, 3.140625, 0, -Infinity],
  },
  {
    name: 'double precision',
    dtype: 'F64',
    bytes: new Uint8Array(Float64Array.of(0.5, -3).buffer),
    want: [0.5, -3],
  },
  {
    name: 'single precision',
    dtype: 'F32',
    bytes: new Uint8Array(Float32Array.of(0.5, -3).buffer),
    want: [0.5, -3],
  },
];
for (const { name, dtype, bytes, want } of cases) {
  it(`reads ${name}`, () => {
    const odd = { dtype: 'U8', shape: [1], bytes: Uint8Array.of(7) }; // the next tensor's bytes lie unaligned
    const [tensor, ...more] = decodeForeignSafetensors(
      file({ odd, w: { dtype, shape: [want.length], bytes } }),
    );
    assert.deepEqual(tensor, { name: 'w', shape: [want.length], data: Float32Array.from(want) });
    assert.deepEqual(more, []);
  });
}

it('leaves whole numbers out', () => {
  const bytes = new Uint8Array(BigInt64Array.of(1n, 2n).buffer);
  assert.deepEqual(decodeForeignSafetensors(file({ position_ids: { dtype: 'I64', shape: [2], bytes } })), []);
});

it('refuses a tensor that has not as many bytes as its shape needs', () => {
  const given = file({ w: { dtype: 'F16', shape: [3], bytes: bytesOf(0, 0) } });
  assert.throws(() => decodeForeignSafetensors(given), {
    name: 'StoreError',
    message: /w \(3\) of F16 needs 6 bytes, got 4/,
  });
});
