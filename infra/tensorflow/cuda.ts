import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { withLock } from '../lock.js';
import type { NativeTensorflow } from './native.js';

/** What TensorFlow 2.21's kernels open when there is a device; it computes on the CPU when one of them is missing. */
const LIBRARIES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcudnn.so.9',
  'libcufft.so.11',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libcupti.so.12',
  'libnccl.so.2',
];

/** The packages that hold them: those that `tensorflow[and-cuda]` 2.21.0 asks for, as of this release. */
const PACKAGES: Readonly<Record<string, string>> = {
  'nvidia-cublas-cu12': '12.9.3.13',
  'nvidia-cuda-cupti-cu12': '12.9.79',
  'nvidia-cuda-nvcc-cu12': '12.9.86',
  'nvidia-cuda-nvrtc-cu12': '12.9.86',
  'nvidia-cuda-runtime-cu12': '12.9.79',
  'nvidia-cudnn-cu12': '9.28.0.42',
  'nvidia-cufft-cu12': '11.4.1.4',
  'nvidia-curand-cu12': '10.3.10.19',
  'nvidia-cusolver-cu12': '11.7.5.82',
  'nvidia-cusparse-cu12': '12.5.10.65',
  'nvidia-nccl-cu12': '2.32.3',
  'nvidia-nvjitlink-cu12': '12.9.86',
};

const INSTALL_WITHIN_MS = 60 * 60_000;

/** Where TensorFlow's GPU library looks for CUDA first (its run path is `$ORIGIN/../nvidia/<part>/lib`). */
const besideLibrary = (native: Pick<NativeTensorflow, 'libraryFolder'>): string =>
  join(native.libraryFolder, '..');

/**
 * CUDA libraries that TensorFlow would not find: not beside its own, not on LD_LIBRARY_PATH, not known to the system's
 * linker.
 */
export async function missingCudaLibraries(
  native: Pick<NativeTensorflow, 'libraryFolder'>,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  const folders = [
    ...nvidiaFolders(besideLibrary(native)),
    ...(environment['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  ];
  const known = await linkerCache(environment);
  return LIBRARIES.filter(
    (name) => !known.includes(name) && !folders.some((folder) => existsSync(join(folder, name))),
  );
}

function nvidiaFolders(root: string): string[] {
  const nvidia = join(root, 'nvidia');
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia).map((part) => join(nvidia, part, 'lib'));
}

/** The text of the linker's list; empty where there is none. */
async function linkerCache(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const command of ['ldconfig', '/sbin/ldconfig']) {
    try {
      return (await promisify(execFile)(command, ['-p'], { env: environment })).stdout;
    } catch {
      continue; // not there, or not for us to read: the other folders count
    }
  }
  return '';
}

/** The command that puts CUDA where TensorFlow looks for it first. */
export const cudaInstallCommand = (native: Pick<NativeTensorflow, 'libraryFolder'>): readonly string[] => [
  ...[
    'python3',
    '-m',
    'pip',
    'install',
    '--no-deps',
    '--only-binary=:all:',
    '--target',
    besideLibrary(native),
  ],
  ...Object.entries(PACKAGES).map(([name, version]) => `${name}==${version}`),
];

/**
 * Installs the CUDA libraries beside TensorFlow's, by pip (2.8 GB), where some are missing. The driver, libcuda.so.1,
 * is the system's affair.
 *
 * @throws MissingToolError with the command to type when pip can't
 */
export async function ensureCudaLibraries(
  native: NativeTensorflow,
  options: { readonly environment?: NodeJS.ProcessEnv; readonly log?: (line: string) => void } = {},
): Promise<void> {
  const environment = options.environment ?? process.env;
  await withLock(`${besideLibrary(native)}.cuda.lock`, async () => {
    const missing = await missingCudaLibraries(native, environment);
    if (missing.length === 0) return;
    options.log?.(`Fetching the CUDA libraries (2.8 GB, once); missing: ${missing.join(', ')}`);
    const command = [...cudaInstallCommand(native), '--upgrade'];
    const code = await runToStderr(command, environment);
    const still = await missingCudaLibraries(native, environment);
    if (code === 0 && still.length === 0) return;
    throw new MissingToolError(
      `the CUDA libraries could not be installed (pip ended with ${String(code)}; missing: ${still.join(', ')}); type\n  ${command.join(' ')}`,
    );
  });
}

function runToStderr(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<number | string> {
  const [name = '', ...rest] = command;
  return new Promise((resolve) => {
    const child = spawn(name, rest, {
      env: environment,
      stdio: ['ignore', 2, 2],
      timeout: INSTALL_WITHIN_MS,
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
}
