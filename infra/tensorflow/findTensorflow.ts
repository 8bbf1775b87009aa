import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadProgress } from '../download.js';
import { withLock } from '../lock.js';
import { findOnPath } from '../temporal/findServer.js';
import { buildAddon, checkBuildTools } from './buildAddon.js';
import { hasDevice } from './device.js';
import { ensureLibrary, OFFICIAL_VERSION, WHEEL_VERSION } from './library.js';
import {
  buildName,
  givenLibrary,
  readBuild,
  tensorflowCache,
  type Flavour,
  type NativeTensorflow,
} from './native.js';

export interface FindTensorflowOptions {
  /** True: with CUDA kernels; false: without. @default with, where `nvidia-smi` works */
  readonly gpu?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface EnsureTensorflowOptions extends FindTensorflowOptions {
  /** Of the download of TensorFlow's library. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Told what is done, one line at a time. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Looks for a native TensorFlow that was made earlier: that of ASSAY_TENSORFLOW_DIR where it is set, else the newest
 * in the cache. Makes and fetches nothing.
 *
 * @throws ConfigError when ASSAY_TENSORFLOW_DIR names no libtensorflow
 */
export async function findTensorflow(
  options: FindTensorflowOptions = {},
): Promise<NativeTensorflow | undefined> {
  const environment = options.environment ?? process.env;
  const mayHaveDevice = options.gpu ?? findOnPath('nvidia-smi', environment) !== undefined;
  const flavours: Flavour[] = mayHaveDevice ? ['gpu', 'cpu'] : ['cpu'];
  for (const flavour of options.gpu === true ? (['gpu'] as const) : flavours) {
    const found = findBuild(flavour, environment);
    if (found) return found;
  }
  return undefined;
}

/**
 * Finds a native TensorFlow, or makes one in the cache: takes the library of ASSAY_TENSORFLOW_DIR, else that of the
 * Python wheel, else the official archive, and compiles the addon of `@tensorflow/tfjs-node-gpu` against it. Can be
 * cut off and called again at any time, and by several processes at once.
 *
 * @throws MissingToolError saying what is missing and what to do; without a native TensorFlow, wasm computes
 */
export async function ensureTensorflow(options: EnsureTensorflowOptions = {}): Promise<NativeTensorflow> {
  const environment = options.environment ?? process.env;
  const flavour: Flavour = (options.gpu ?? (await hasDevice(environment))) ? 'gpu' : 'cpu';
  const found = findBuild(flavour, environment);
  if (found) return found;
  checkBuildTools(environment);
  const cache = tensorflowCache(environment);
  await mkdir(cache, { recursive: true });
  const work = async (): Promise<NativeTensorflow> =>
    findBuild(flavour, environment) ?? (await make(flavour, { ...options, environment }));
  const log = options.log ?? (() => undefined);
  return withLock(join(cache, `${flavour}.lock`), work, {
    onWait: (owner) => log(`Waiting for ${owner}, which makes the same`),
    ...(options.signal && { signal: options.signal }),
  });
}

function findBuild(flavour: Flavour, environment: NodeJS.ProcessEnv): NativeTensorflow | undefined {
  const given = givenLibrary(environment);
  const versions = given ? [given.tensorflow] : [WHEEL_VERSION, OFFICIAL_VERSION];
  const folders = versions.map((tensorflow) =>
    join(tensorflowCache(environment), buildName({ tensorflow, flavour })),
  );
  for (const folder of folders) {
    const build = readBuild(folder);
    if (build) return build;
  }
  return undefined;
}

async function make(
  flavour: Flavour,
  options: EnsureTensorflowOptions & { environment: NodeJS.ProcessEnv },
): Promise<NativeTensorflow> {
  const { environment } = options;
  const library = givenLibrary(environment) ?? (await ensureLibrary(flavour, options));
  const name = buildName({ tensorflow: library.tensorflow, flavour });
  return buildAddon({ ...options, library, flavour, folder: join(tensorflowCache(environment), name) });
}
