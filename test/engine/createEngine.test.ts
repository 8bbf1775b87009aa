import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Network } from '../../contracts/engine.js';
import { MissingToolError, OutOfMemoryError } from '../../contracts/errors.js';
import { createEngine } from '../../engine/createEngine.js';
import { openEngine, TESTED_DEVICE } from './engines.js';
import { toyBatches, toyLstm, toyParameters, toyRequest } from './toyNetworks.js';

describe('an engine', () => {
  it('says what computes', async (t) => {
    const wasm = await createEngine({ backend: 'wasm', threads: 4 });
    assert.deepEqual(wasm.info, { name: 'wasm', version: wasm.info.version, device: 'cpu', threads: 1 });
    assert.match(wasm.info.version, /^\d+\.\d+\.\d+$/);
    const native = await openEngine(t, 'native');
    if (!native) return;
    assert.equal(native.info.name, 'native');
    assert.equal(native.info.device, TESTED_DEVICE);
    assert.match(native.info.version, /^2\.\d+\.\d+$/);
  });

  it('says what to do where the addon is missing', async () => {
    await assert.rejects(createEngine({ backend: 'native', threads: 1 }), MissingToolError);
    await assert.rejects(
      createEngine({ backend: 'native', threads: 1, bindingPath: '/nowhere/lib/tfjs_binding.node' }),
      (error) =>
        error instanceof MissingToolError && /assay doctor/.test(error.message) && error.cause !== undefined,
    );
  });

  for (const text of [
    'OOM when allocating tensor with shape[65536,65536]',
    'Cannot enlarge memory arrays',
    'Array buffer allocation failed',
  ]) {
    it(`tells "${text}" as memory that ran out`, async () => {
      const engine = await createEngine({ backend: 'wasm', threads: 1 });
      const fail = (): never => {
        throw new Error(text);
      };
      const network: Network = { ...toyLstm(), loss: fail, outputs: fail };
      const isTold = (error: unknown): boolean =>
        error instanceof OutOfMemoryError && /lower batchSize/.test(error.message) && !error.retryable;
      await assert.rejects(engine.train(toyRequest({ network })), isTold);
      assert.throws(() => engine.objective(toyRequest({ network })), isTold);
      assert.throws(() => engine.predict(network, toyParameters(), toyBatches(3), 2), isTold);
    });
  }

  it('leaves other errors as they are', async () => {
    const engine = await createEngine({ backend: 'wasm', threads: 1 });
    const error = new RangeError('expected a weight');
    const network: Network = {
      ...toyLstm(),
      loss: () => {
        throw error;
      },
    };
    await assert.rejects(engine.train(toyRequest({ network })), (thrown) => thrown === error);
  });

  it('keeps no tensors of a training or a prediction', async (t) => {
    const { memory } = await import('@tensorflow/tfjs-core');
    for (const backend of ['native', 'wasm'] as const) {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const work = async (): Promise<number> => {
        const { parameters } = await engine.train(toyRequest());
        engine.predict(toyLstm(), parameters, toyBatches(9), 4);
        engine.objective(toyRequest());
        return memory().numTensors;
      };
      const once = await work();
      assert.equal(await work(), once);
    }
  });
});
