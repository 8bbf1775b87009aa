import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigError, MissingToolError } from '../../contracts/errors.js';
import { openStageCache } from '../../workers/dependencies.js';
import { engineInfo, type EngineSettings } from '../../workers/engineSettings.js';

const native = { bindingPath: '/x.node', version: '2.21.0', device: 'cpu' as const };
const both: EngineSettings = { native, wasm: { version: '4.22.0' }, threads: 2 };
const wasmOnly: EngineSettings = { ...both, native: null };
const byTensorflow = { name: 'native', version: '2.21.0', device: 'cpu', threads: 2 } as const;
const byWasm = { name: 'wasm', version: '4.22.0', device: 'cpu', threads: 1 } as const;

describe('which engine computes', () => {
  const cases = [
    { choice: 'auto', settings: both, want: byTensorflow },
    { choice: 'native', settings: both, want: byTensorflow },
    { choice: 'wasm', settings: both, want: byWasm },
    { choice: 'auto', settings: wasmOnly, want: byWasm },
  ] as const;
  for (const { choice, settings, want } of cases) {
    it(`${choice}, with${settings.native ? '' : 'out'} TensorFlow: ${want.name}`, () => {
      assert.deepEqual(engineInfo(choice, settings), want);
    });
  }

  it('native without TensorFlow is refused with what to type', () => {
    assert.throws(
      () => engineInfo('native', wasmOnly),
      (error) => {
        assert.ok(error instanceof MissingToolError);
        assert.match(error.message, /`assay setup`/);
        return true;
      },
    );
  });
});

describe('the stage key', () => {
  let folder = '';
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'assay-engine-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const request = { runId: 'r', path: 'p', stage: 'fit', seed: 1, params: {}, inputs: {} };
  const keyWith = async (
    engine: EngineSettings | undefined,
    choice: 'auto' | 'wasm' | undefined,
    version = 'e1',
    told: string[] = [],
  ): Promise<string> => {
    const settings = {
      stagesModule: 'file:///none',
      storeUri: join(folder, 'store'),
      scratchDirectory: folder,
      checkpointIntervalMs: 1,
      ...(engine ? { engine } : {}),
    };
    const cache = await openStageCache(settings, { fit: 'f1', engine: version }, ({ name }) =>
      told.push(name),
    );
    cache.key(request, {}, choice);
    return cache.key(request, {}, choice).stageKey;
  };

  it('of a network holds engine, version, device, threads and code of the engine; of others nothing of it', async () => {
    const plain = await keyWith(both, undefined);
    assert.equal(await keyWith(undefined, undefined, 'e2'), plain);
    const keys = await Promise.all([
      keyWith(both, 'auto'),
      keyWith(both, 'wasm'),
      keyWith(both, 'auto', 'e2'),
      keyWith({ ...both, threads: 1 }, 'auto'),
      keyWith({ ...both, native: { ...native, version: '2.22.0' } }, 'auto'),
      keyWith({ ...both, native: { ...native, device: 'gpu' } }, 'auto'),
    ]);
    assert.equal(new Set([plain, ...keys]).size, 7);
    assert.equal(await keyWith(wasmOnly, 'auto'), keys[1]);
  });

  it('tells of an engine once, when the first network comes', async () => {
    const told: string[] = [];
    await keyWith(wasmOnly, undefined, 'e1', told);
    assert.deepEqual(told, []);
    await keyWith(wasmOnly, 'auto', 'e1', told);
    assert.deepEqual(told, ['wasm']);
  });

  it('can not be made for a network by a worker without engines', async () => {
    await assert.rejects(keyWith(undefined, 'auto'), ConfigError);
  });
});
