import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import { cacheDirectory } from '../cache.js';

/** `gpu`: built on the library with CUDA kernels; it computes on the CPU where there is no usable device. */
export type Flavour = 'cpu' | 'gpu';

/** TensorFlow, ready to be loaded into this Node: `engine/` takes `bindingPath`. */
export interface NativeTensorflow {
  /** Holds the addon and the JavaScript of `@tensorflow/tfjs-node-gpu` that goes with it; never changes. */
  readonly folder: string;
  /** `lib/tfjs_binding.node` in `folder`. */
  readonly bindingPath: string;
  /** Where libtensorflow_cc.so.2 (or libtensorflow.so.2) and libtensorflow_framework.so.2 are. */
  readonly libraryFolder: string;
  /** TensorFlow's own, as the library says. */
  readonly version: string;
  readonly flavour: Flavour;
}

/** Of `@tensorflow/tfjs-node-gpu`, whose addon and JavaScript are used. */
export const TFJS_NODE_VERSION = '4.22.0';

/** What an addon was built from: the same words, the same addon. */
export interface BuildKey {
  /** TensorFlow's version, or `at-<hash>` for a library that somebody gave. */
  readonly tensorflow: string;
  readonly flavour: Flavour;
  /** Node's `process.versions.modules`. */
  readonly abi?: string;
  /** `linux-x64` */
  readonly platform?: string;
}

export const currentPlatform = (): string => `${process.platform}-${process.arch}`;

/** Name of a build's folder in the cache, which checkouts, versions of Assay and of Node share. */
export function buildName({ tensorflow, flavour, abi, platform }: BuildKey): string {
  const words = ['tfjs', TFJS_NODE_VERSION, 'tensorflow', tensorflow, flavour];
  return [...words, platform ?? currentPlatform(), 'node', abi ?? process.versions.modules].join('-');
}

/** The cache's part that belongs to TensorFlow. */
export const tensorflowCache = (environment: NodeJS.ProcessEnv): string =>
  join(cacheDirectory(environment), 'tensorflow');

const BuildRecord = z.strictObject({
  version: z.string(),
  flavour: z.enum(['cpu', 'gpu']),
  /** Relative to the build's folder where both are in the cache, so that the cache can be moved. */
  library: z.string(),
});

/** Text of `build.json`, which is written last: where it is, the build is whole. */
export const buildRecord = (
  folder: string,
  native: Omit<NativeTensorflow, 'folder' | 'bindingPath'>,
): string =>
  JSON.stringify({
    version: native.version,
    flavour: native.flavour,
    library: relativeInside(folder, native.libraryFolder),
  } satisfies z.input<typeof BuildRecord>);

/** The library's folder as the build names it: relative inside the cache, absolute outside. */
export function relativeInside(folder: string, libraryFolder: string): string {
  const cache = resolve(folder, '..');
  return libraryFolder.startsWith(`${cache}/`) ? relative(folder, libraryFolder) : libraryFolder;
}

/** The build in a folder; undefined where there is none, or where its library is gone. */
export function readBuild(folder: string): NativeTensorflow | undefined {
  const bindingPath = join(folder, 'lib', 'tfjs_binding.node');
  try {
    const text = readFileSync(join(folder, 'build.json'), 'utf8');
    const { version, flavour, library } = BuildRecord.parse(JSON.parse(text));
    const libraryFolder = resolve(folder, library);
    if (!existsSync(bindingPath) || libraryIn(libraryFolder) === undefined) return undefined;
    return { folder, bindingPath, libraryFolder, version, flavour };
  } catch {
    return undefined; // none, or one that somebody damaged: it is made again
  }
}

/** Newer first: the wheels' C++ library, which has the C API as well, then the C library of the official archives. */
const LIBRARY_NAMES = ['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow.so'];

/** Path of TensorFlow's library in a folder. */
export const libraryIn = (folder: string): string | undefined =>
  LIBRARY_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));

/** A libtensorflow that somebody gave. */
export interface GivenLibrary {
  readonly libraryFolder: string;
  readonly includeFolder: string;
  /** Differs when the library is another one. */
  readonly tensorflow: string;
}

/**
 * The library in the folder that ASSAY_TENSORFLOW_DIR names: as in a wheel (libraries beside `include/`) or as in the
 * official archives (`lib/` and `include/`). Undefined where the variable is not set.
 *
 * @throws ConfigError saying what is missing there
 */
export function givenLibrary(environment: NodeJS.ProcessEnv): GivenLibrary | undefined {
  const given = environment['ASSAY_TENSORFLOW_DIR'];
  if (given === undefined || given === '') return undefined;
  const folder = resolve(given);
  const library = libraryIn(folder) ?? libraryIn(join(folder, 'lib'));
  if (library === undefined) throw unusable(folder, LIBRARY_NAMES.slice(0, 2).join(' or '));
  const header = join('include', 'tensorflow', 'c', 'c_api.h');
  if (!existsSync(join(folder, header))) throw unusable(folder, header);
  const { size, mtimeMs } = statSync(library);
  const identity = `${realpathSync(library)} ${String(size)} ${String(mtimeMs)}`;
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  return {
    libraryFolder: resolve(library, '..'),
    includeFolder: join(folder, 'include'),
    tensorflow: `at-${hash}`,
  };
}

const unusable = (folder: string, missing: string): ConfigError =>
  new ConfigError(
    `ASSAY_TENSORFLOW_DIR=${folder}: expected a folder with libtensorflow_cc.so.2 (or libtensorflow.so.2) and include/, ` +
      `found no ${missing}; give the folder "tensorflow" of an installed Python package or an unpacked libtensorflow archive, or unset it`,
  );
