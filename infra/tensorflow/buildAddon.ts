import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { isAlive } from '../alive.js';
import { findOnPath } from '../temporal/findServer.js';
import {
  buildRecord,
  libraryIn,
  readBuild,
  relativeInside,
  type Flavour,
  type GivenLibrary,
  type NativeTensorflow,
} from './native.js';
import { placePackageFiles } from './packageFiles.js';
import { probeNative } from './probe.js';

export interface BuildRequest {
  readonly library: GivenLibrary;
  readonly flavour: Flavour;
  /** Where the build appears, whole and tried out, or not at all. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * @throws MissingToolError naming what a compiler needs and this machine lacks, before anything is fetched
 */
export function checkBuildTools(environment: NodeJS.ProcessEnv): void {
  const wanted = { 'g++': environment['CXX'] ?? 'g++', make: 'make', python3: 'python3' };
  const missing = Object.entries(wanted)
    .filter(
      ([, name]) => !existsSync(name) && findOnPath(name.split(' ')[0] ?? name, environment) === undefined,
    )
    .map(([what]) => what);
  if (missing.length === 0) return;
  throw new MissingToolError(
    `TensorFlow's addon can't be compiled: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not on the PATH; ` +
      'install them (Debian, Ubuntu: apt-get install g++ make python3; Fedora: dnf install gcc-c++ make python3) and run ' +
      '`assay setup`, or copy the cache folder of a like machine; without it, wasm computes',
  );
}

/**
 * Compiles the addon against a libtensorflow, in a folder of its own, and tries it out.
 *
 * @throws MissingToolError with the compiler's own words
 */
export async function buildAddon(request: BuildRequest): Promise<NativeTensorflow> {
  const { folder, environment, log = () => undefined } = request;
  await removeOrphans(folder);
  const scratch = `${folder}.${String(process.pid)}.tmp`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(join(scratch, 'lib'), { recursive: true });
  try {
    await placePackageFiles(scratch, environment);
    await placeCore(scratch);
    log('Compiling the addon (about 10 s, once)');
    await compile(scratch, request);
    log('Trying it out');
    const bindingPath = join(scratch, 'lib', 'tfjs_binding.node');
    const { version } = await probeNative(bindingPath, { environment, size: 8 });
    const { libraryFolder } = request.library;
    const record = buildRecord(scratch, { libraryFolder, version, flavour: request.flavour });
    await writeFile(join(scratch, 'build.json'), `${record}\n`);
    await publish(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const build = readBuild(folder);
  if (build) return build;
  throw new MissingToolError(`${folder} is not usable: remove it and run the command again`);
}

/**
 * The package asks for all of `@tensorflow/tfjs`, in one file for tfjs-core, and uses only what tfjs-core has. There must
 * be one tfjs-core in a process, the loader's: `engine/` answers the first request with it, this module the second.
 */
async function placeCore(scratch: string): Promise<void> {
  const folder = join(scratch, 'node_modules', '@tensorflow', 'tfjs-core');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.js'), "module.exports = require('@tensorflow/tfjs');\n");
}

async function compile(scratch: string, { library, environment, signal }: BuildRequest): Promise<void> {
  await writeFile(join(scratch, 'binding.gyp'), JSON.stringify(gypFile(scratch, library), null, 2));
  const nodeGyp = fileURLToPath(import.meta.resolve('node-gyp/bin/node-gyp.js'));
  const headers = nodeFolder(environment);
  const options = ['rebuild', '--directory', scratch, ...(headers ? [`--nodedir=${headers}`] : [])];
  try {
    await promisify(execFile)(process.execPath, [nodeGyp, ...options], {
      cwd: scratch,
      env: environment,
      timeout: 10 * 60_000,
      maxBuffer: 16 << 20,
      ...(signal && { signal }),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw compilerFailure(cause, headers);
  }
  await rename(
    join(scratch, 'build', 'Release', 'tfjs_binding.node'),
    join(scratch, 'lib', 'tfjs_binding.node'),
  );
  await rm(join(scratch, 'build'), { recursive: true, force: true });
}

function gypFile(scratch: string, { libraryFolder, includeFolder }: GivenLibrary): object {
  const runtime = relativeInside(scratch, libraryFolder);
  // From lib/, where the addon is; `$$` is make's `$`, and the backslash keeps the shell from reading it.
  const rpath = runtime.startsWith('/') ? runtime : `\\$$ORIGIN/../${runtime}`;
  const framework = join(libraryFolder, 'libtensorflow_framework.so.2');
  const library = libraryIn(libraryFolder) ?? '';
  return {
    targets: [
      {
        target_name: 'tfjs_binding',
        sources: ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
        include_dirs: ['.', '..', includeFolder],
        defines: ['NAPI_VERSION=8'],
        cflags_cc: ['-std=c++17'],
        libraries: [`-Wl,-rpath,${rpath}`, library, ...(existsSync(framework) ? [framework] : [])],
      },
    ],
  };
}

/** Where Node's headers are, so that node-gyp need not download them: beside Node, or as the user says. */
function nodeFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment['npm_config_nodedir'];
  const beside = dirname(dirname(process.execPath));
  const candidates = [...(given ? [given] : []), beside, '/usr', '/usr/local'];
  return candidates.find((folder) => existsSync(join(folder, 'include', 'node', 'node_api.h')));
}

function compilerFailure(cause: unknown, headers: string | undefined): MissingToolError {
  const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
  const errors = `${stdout}\n${stderr}`.split('\n').filter((line) => /error|ERR!/i.test(line));
  const advice =
    headers === undefined
      ? "; Node's headers were not beside it and had to be downloaded: set npm_config_nodedir to a folder with include/node/node_api.h"
      : '';
  const words = errors.slice(0, 6).join('\n') || String(cause);
  return new MissingToolError(`TensorFlow's addon could not be compiled${advice}:\n${words}`, { cause });
}

/** Puts the finished folder in its place; a damaged one that is there makes room, a whole one of a faster process stays. */
async function publish(scratch: string, folder: string): Promise<void> {
  if (readBuild(folder)) return;
  await rm(folder, { recursive: true, force: true });
  await rename(scratch, folder);
}

/** What processes that were killed have left. */
async function removeOrphans(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const owner = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(dirname(folder), basename(name)), { recursive: true, force: true });
  }
}
