import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Checkpoint } from '../../contracts/model.js';
import { openCheckpointSlot } from '../../storage/checkpoints.js';
import { openFileStore } from '../../storage/file.js';
import { decodeSafetensors, encodeSafetensors } from '../../storage/safetensors.js';
import { collect, temporaryFolder } from './workspace.js';

const KEY = 'a'.repeat(64);

const at = (position: number): Checkpoint => ({
  position,
  tensors: [
    { name: 'weights', shape: [2, 2], data: Float64Array.of(position, NaN, -0, 1e-300) },
    { name: 'random', shape: [3], data: Int32Array.of(-1, 0, 2_147_483_647) },
  ],
});

async function bench(t: TestContext) {
  const store = await openFileStore(join(await temporaryFolder(t), 'store'));
  const keys = async () => (await collect(store.list('checkpoints/'))).map((head) => head.key);
  return { store, keys, slot: openCheckpointSlot(store, KEY) };
}

describe('a checkpoint slot', () => {
  it('is empty at first, then gives the newest, to the bit', async (t) => {
    const { slot } = await bench(t);
    assert.equal(await slot.load(), undefined);
    for (const position of [1, 2, 10]) await slot.save(at(position));
    assert.deepEqual(await slot.load(), at(10));
  });

  it('is another one for another stage key', async (t) => {
    const { slot, store } = await bench(t);
    await slot.save(at(1));
    assert.equal(await openCheckpointSlot(store, 'b'.repeat(64)).load(), undefined);
  });

  it('keeps the last two and nothing of the others', async (t) => {
    const { slot, keys } = await bench(t);
    for (let position = 0; position < 5; position++) await slot.save(at(position));
    assert.equal((await keys()).length, 4);
  });

  it('keeps the data that an older and a newer checkpoint share', async (t) => {
    const { slot } = await bench(t);
    for (const position of [1, 2, 2, 2, 1]) await slot.save(at(position));
    assert.deepEqual(await slot.load(), at(1));
  });

  it('gives the one before when the newest is damaged, or was not whole', async (t) => {
    const { slot, store, keys } = await bench(t);
    await slot.save(at(1));
    await slot.save(at(2));
    const newest = (await keys()).filter((key) => key.endsWith('.json')).at(-1)!;
    const { sha256 } = JSON.parse(Buffer.from(await store.get(newest)).toString()) as { sha256: string };
    await store.put(`checkpoints/${KEY}/data/${sha256}.safetensors`, Buffer.from('half'));
    assert.deepEqual(await slot.load(), at(1));
    await store.put(newest, Buffer.from('{'));
    assert.deepEqual(await slot.load(), at(1));
  });

  it('does not see what was uploaded but not named', async (t) => {
    const { slot, store } = await bench(t);
    await store.put(
      `checkpoints/${KEY}/data/${'c'.repeat(64)}.safetensors`,
      encodeSafetensors(at(9).tensors, {}),
    );
    assert.equal(await slot.load(), undefined);
  });

  it('takes saves of two attempts at once', async (t) => {
    const { slot, store } = await bench(t);
    const other = openCheckpointSlot(store, KEY);
    await Promise.all([slot.save(at(1)), other.save(at(2))]);
    assert.ok([1, 2].includes((await slot.load())!.position));
  });
});

describe('safetensors', () => {
  it('give back every dtype, empty and scalar tensors, names and metadata, in order', () => {
    const tensors = [
      { name: 'z', shape: [], data: Float32Array.of(0.1) },
      { name: 'größe', shape: [0, 4], data: new Float64Array(0) },
      { name: '1', shape: [2], data: Int32Array.of(1, -2) },
      ...at(3).tensors,
    ];
    const metadata = { position: '3' };
    assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors, metadata)), { tensors, metadata });
  });

  it('have a header of the known layout, padded to 8 bytes', () => {
    const file = Buffer.from(encodeSafetensors([{ name: 'w', shape: [1], data: Int32Array.of(1) }], {}));
    const headerBytes = Number(file.readBigUInt64LE(0));
    const header: unknown = JSON.parse(file.toString('utf8', 8, 8 + headerBytes));
    assert.deepEqual(header, { __metadata__: {}, w: { dtype: 'I32', shape: [1], data_offsets: [0, 4] } });
    assert.equal(headerBytes % 8, 0);
    assert.deepEqual([...file.subarray(8 + headerBytes)], [1, 0, 0, 0]);
  });

  it('refuse files that are cut off, of another dtype, or of another shape', () => {
    const file = Buffer.from(encodeSafetensors(at(1).tensors, {}));
    assert.throws(() => decodeSafetensors(file.subarray(0, 4)), /cut off within its header/);
    assert.throws(() => decodeSafetensors(file.subarray(0, file.length - 1)), /needs 12 bytes, got 11/);
    const foreign = Buffer.from(file.toString('latin1').replace('"F64"', '"F16"'), 'latin1');
    assert.throws(() => decodeSafetensors(foreign), /expected dtype float64 \| float32 \| int32, got F16/);
  });

  it('refuse two tensors of one name', () => {
    const twice = [...at(1).tensors, ...at(1).tensors];
    assert.throws(() => encodeSafetensors(twice, {}), /two tensors are called weights/);
  });
});
