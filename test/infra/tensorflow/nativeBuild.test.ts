import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ensureTensorflow, findTensorflow } from '../../../infra/tensorflow/findTensorflow.js';
import {
  buildName,
  buildRecord,
  givenLibrary,
  readBuild,
  type Flavour,
} from '../../../infra/tensorflow/native.js';
import { probeNative, probeWasm } from '../../../infra/tensorflow/probe.js';

/** A cache, and a PATH on which there is nothing. */
async function emptyMachine(t: TestContext): Promise<{ cache: string; environment: NodeJS.ProcessEnv }> {
  const cache = await mkdtemp(join(tmpdir(), 'assay-tensorflow-'));
  t.after(() => rm(cache, { recursive: true }));
  return { cache, environment: { ASSAY_CACHE_DIR: cache, PATH: '/nowhere' } };
}

/** Folders and files as a build leaves them, with nothing in them. */
async function fakeBuild(
  cache: string,
  { tensorflow, flavour }: { tensorflow: string; flavour: Flavour },
): Promise<string> {
  const folder = join(cache, 'tensorflow', buildName({ tensorflow, flavour }));
  const libraryFolder = join(cache, 'tensorflow', `library-${tensorflow}-${flavour}`, 'tensorflow');
  await mkdir(join(folder, 'lib'), { recursive: true });
  await mkdir(libraryFolder, { recursive: true });
  await writeFile(join(folder, 'lib', 'tfjs_binding.node'), '');
  await writeFile(join(libraryFolder, 'libtensorflow_cc.so.2'), '');
  await writeFile(
    join(folder, 'build.json'),
    buildRecord(folder, { version: tensorflow, flavour, libraryFolder }),
  );
  return folder;
}

/** A folder as ASSAY_TENSORFLOW_DIR wants it, with empty files: its library at that path. */
async function fakeLibrary(root: string, library: string): Promise<string> {
  const header = join(root, 'include', 'tensorflow', 'c', 'c_api.h');
  for (const path of [header, join(root, library)]) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  return root;
}

describe('buildName', () => {
  const key = { tensorflow: '2.21.0', flavour: 'cpu', abi: '115', platform: 'linux-x64' } as const;
  const other = [
    { name: 'another TensorFlow', key: { ...key, tensorflow: '2.9.1' } },
    { name: 'another flavour', key: { ...key, flavour: 'gpu' } },
    { name: 'another Node', key: { ...key, abi: '127' } },
    { name: 'another platform', key: { ...key, platform: 'linux-arm64' } },
  ] as const;
  for (const { name, key: changed } of other) {
    it(`gives ${name} a folder of its own`, () => assert.notEqual(buildName(changed), buildName(key)));
  }
  it('is the same for the same machine, and says what it holds', () => {
    assert.equal(buildName(key), 'tfjs-4.22.0-tensorflow-2.21.0-cpu-linux-x64-node-115');
  });
});

describe('findTensorflow', () => {
  it('finds nothing in an empty cache', async (t) => {
    const { environment } = await emptyMachine(t);
    assert.equal(await findTensorflow({ environment }), undefined);
  });

  it("takes the wheel's version before the official archive's", async (t) => {
    const { cache, environment } = await emptyMachine(t);
    await fakeBuild(cache, { tensorflow: '2.9.1', flavour: 'cpu' });
    assert.equal((await findTensorflow({ environment }))?.version, '2.9.1');
    const folder = await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'cpu' });
    assert.deepEqual(await findTensorflow({ environment }), {
      folder,
      bindingPath: join(folder, 'lib', 'tfjs_binding.node'),
      libraryFolder: join(cache, 'tensorflow', 'library-2.21.0-cpu', 'tensorflow'),
      version: '2.21.0',
      flavour: 'cpu',
    });
  });

  it('takes the one with CUDA only where there may be a device, or when asked', async (t) => {
    const { cache, environment } = await emptyMachine(t);
    await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'gpu' });
    assert.equal(await findTensorflow({ environment }), undefined);
    assert.equal((await findTensorflow({ environment, gpu: true }))?.flavour, 'gpu');
    assert.equal(await findTensorflow({ environment, gpu: false }), undefined);
    await writeFile(join(cache, 'nvidia-smi'), '#!/bin/sh\n', { mode: 0o755 });
    assert.equal((await findTensorflow({ environment: { ...environment, PATH: cache } }))?.flavour, 'gpu');
  });

  it('takes no build for ASSAY_TENSORFLOW_DIR that was made for another library', async (t) => {
    const { cache, environment } = await emptyMachine(t);
    await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'cpu' });
    environment['ASSAY_TENSORFLOW_DIR'] = await fakeLibrary(join(cache, 'given'), 'libtensorflow_cc.so.2');
    assert.equal(await findTensorflow({ environment }), undefined);
  });

  it('says what ASSAY_TENSORFLOW_DIR lacks', async (t) => {
    const { cache, environment } = await emptyMachine(t);
    const find = (): Promise<unknown> =>
      findTensorflow({ environment: { ...environment, ASSAY_TENSORFLOW_DIR: cache } });
    await assert.rejects(find, /ConfigError: ASSAY_TENSORFLOW_DIR=.* found no libtensorflow_cc\.so\.2 or/);
    await writeFile(join(cache, 'libtensorflow_cc.so.2'), '');
    await assert.rejects(find, /found no include\/tensorflow\/c\/c_api\.h/);
  });
});

describe('givenLibrary', () => {
  const layouts = [
    { name: 'a wheel', library: 'libtensorflow_cc.so.2', folder: '' },
    { name: 'an official archive', library: 'lib/libtensorflow.so.2', folder: 'lib' },
  ];
  for (const { name, library, folder } of layouts) {
    it(`knows the layout of ${name}, and another file there is another library`, async (t) => {
      const { cache } = await emptyMachine(t);
      const environment = { ASSAY_TENSORFLOW_DIR: await fakeLibrary(cache, library) };
      const given = givenLibrary(environment);
      assert.equal(given?.libraryFolder, join(cache, folder));
      assert.equal(given.includeFolder, join(cache, 'include'));
      assert.match(given.tensorflow, /^at-[0-9a-f]{12}$/);
      await writeFile(join(cache, library), 'newer');
      assert.notEqual(givenLibrary(environment)?.tensorflow, given.tensorflow);
    });
  }
});

describe('readBuild', () => {
  it('takes no build whose library is gone', async (t) => {
    const { cache } = await emptyMachine(t);
    const folder = await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'cpu' });
    assert.equal(readBuild(folder)?.version, '2.21.0');
    await rm(join(cache, 'tensorflow', 'library-2.21.0-cpu'), { recursive: true });
    assert.equal(readBuild(folder), undefined);
  });

  it('takes no build that was cut off before its record was whole', async (t) => {
    const { cache } = await emptyMachine(t);
    const folder = await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'cpu' });
    await writeFile(join(folder, 'build.json'), '{"version":"2.2');
    assert.equal(readBuild(folder), undefined);
  });
});

describe('ensureTensorflow', () => {
  it('names the missing compiler before it fetches anything', async (t) => {
    const { environment } = await emptyMachine(t);
    await assert.rejects(
      ensureTensorflow({ environment, log: () => assert.fail('something was done') }),
      /MissingToolError: .*g\+\+ and make and python3 are not on the PATH; .*apt-get install g\+\+ make python3.*wasm/s,
    );
  });

  it('asks no compiler where the build is there', async (t) => {
    const { cache, environment } = await emptyMachine(t);
    const folder = await fakeBuild(cache, { tensorflow: '2.21.0', flavour: 'cpu' });
    assert.equal((await ensureTensorflow({ environment })).folder, folder);
  });
});

describe('the engine of this machine', () => {
  it('multiplies matrices rightly in a process of its own', async (t) => {
    const native = await findTensorflow({ gpu: false });
    if (!native) return t.skip('no native TensorFlow in the cache: `assay setup` makes one');
    const probe = await probeNative(native.bindingPath, { size: 32 });
    assert.equal(probe.version, native.version);
    assert.equal(probe.device, 'cpu');
    assert.ok(probe.gigaflops > 0);
  });

  it('multiplies matrices rightly by wasm', async () => {
    const probe = await probeWasm({ size: 32 });
    assert.equal(probe.device, 'cpu');
    assert.match(probe.version, /^\d+\.\d+\.\d+$/);
  });

  it('says what is wrong with an addon that can not be loaded', async (t) => {
    const { cache } = await emptyMachine(t);
    const path = join(cache, 'tfjs_binding.node');
    await writeFile(path, 'not an addon');
    await assert.rejects(
      probeNative(path),
      /MissingToolError: the native engine \(.*\) ended with exit code 1/,
    );
  });
});
