import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cudaInstallCommand, missingCudaLibraries } from '../../../infra/tensorflow/cuda.js';
import { hasDevice, listDevices, parseDevices } from '../../../infra/tensorflow/device.js';
import { sourcesFor } from '../../../infra/tensorflow/library.js';
import { placePackageFiles } from '../../../infra/tensorflow/packageFiles.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-tensorflow-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A shell script on a PATH that holds the system's tools as well. */
async function fakeCommand(folder: string, name: string, body: string): Promise<NodeJS.ProcessEnv> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return { PATH: `${folder}:/usr/bin:/bin` };
}

describe('sourcesFor', () => {
  const cases = [
    { flavour: 'cpu', platform: 'linux-x64', want: ['tensorflow-cpu 2.21.0', 'libtensorflow 2.9.1'] },
    { flavour: 'cpu', platform: 'linux-arm64', want: ['tensorflow 2.21.0'] },
    { flavour: 'gpu', platform: 'linux-x64', want: ['tensorflow 2.21.0'] },
    { flavour: 'gpu', platform: 'linux-arm64', want: [] },
    { flavour: 'cpu', platform: 'darwin-arm64', want: [] },
  ] as const;
  for (const { flavour, platform, want } of cases) {
    it(`for ${flavour} on ${platform}: ${want.join(', then ') || 'none'}`, () => {
      assert.deepEqual(
        sourcesFor(flavour, platform).map(({ name }) => name),
        want,
      );
    });
  }
});

describe('placePackageFiles', () => {
  it('takes sources and JavaScript from node_modules', async (t) => {
    const folder = await folderOf(t);
    await placePackageFiles(folder, { PATH: '/nowhere' });
    const wanted = [
      'binding/tfjs_binding.cc',
      'dist/nodejs_kernel_backend.js',
      'node_modules/google-protobuf',
    ];
    assert.deepEqual(
      wanted.filter((path) => !existsSync(join(folder, path))),
      [],
    );
  });

  it('refuses a tarball with another hash than the pinned one', async (t) => {
    const folder = await folderOf(t);
    const environment = await fakeCommand(folder, 'npm', 'echo other > package.tgz');
    await assert.rejects(
      placePackageFiles(join(folder, 'build'), environment, join(folder, 'from.js')),
      /MissingToolError: @tensorflow\/tfjs-node-gpu@4\.22\.0: expected a tarball of SHA-512 p\/\/NN6DG.*npm gave /,
    );
  });

  it('says what to type when npm can not be reached', async (t) => {
    const folder = await folderOf(t);
    const environment = await fakeCommand(folder, 'npm', 'echo "no network" >&2; exit 1');
    await assert.rejects(
      placePackageFiles(join(folder, 'build'), environment, join(folder, 'from.js')),
      /could not be fetched: no network; run `npm install --ignore-scripts @tensorflow\/tfjs-node-gpu@4\.22\.0`/,
    );
  });
});

describe('devices', () => {
  it('are read from what nvidia-smi prints', async (t) => {
    const line = 'NVIDIA H100 80GB HBM3, 535.104.05, 81559, 9.0';
    const environment = await fakeCommand(await folderOf(t), 'nvidia-smi', `echo "${line}"`);
    const want = [
      {
        name: 'NVIDIA H100 80GB HBM3',
        driver: '535.104.05',
        memoryMiB: 81559,
        computeCapability: '9.0',
      },
    ];
    assert.deepEqual(await listDevices(environment), want);
    assert.equal(await hasDevice(environment), true);
  });

  it('are none where nvidia-smi finds no driver, or is not there', async (t) => {
    const environment = await fakeCommand(await folderOf(t), 'nvidia-smi', 'echo "no driver" >&2; exit 9');
    assert.equal(await hasDevice(environment), false);
    assert.equal(await hasDevice({ PATH: '/nowhere' }), false);
    assert.deepEqual(parseDevices('No devices were found\n'), []);
  });
});

describe('CUDA libraries', () => {
  const all = 9;
  it('are looked for where the linker, LD_LIBRARY_PATH and TensorFlow itself look', async (t) => {
    const folder = await folderOf(t);
    const native = { libraryFolder: join(folder, 'tensorflow') };
    const environment = await fakeCommand(folder, 'ldconfig', 'echo "libnccl.so.2 (libc6) => /x"');
    assert.equal((await missingCudaLibraries(native, environment)).length, all - 1);
    await writeFile(join(folder, 'libcudart.so.12'), '');
    environment['LD_LIBRARY_PATH'] = `/nowhere:${folder}`;
    const missing = await missingCudaLibraries(native, environment);
    assert.equal(missing.length, all - 2);
    assert.ok(!missing.includes('libcudart.so.12') && !missing.includes('libnccl.so.2'));
  });

  it("are installed beside TensorFlow's, in exact versions", () => {
    const command = cudaInstallCommand({ libraryFolder: '/cache/library/tensorflow' });
    assert.equal(command[command.indexOf('--target') + 1], '/cache/library');
    const packages = command.filter((word) => word.startsWith('nvidia-'));
    assert.ok(packages.length > 0 && packages.every((word) => /^nvidia-[a-z0-9-]+==[\d.]+$/.test(word)));
  });
});
