import { fork } from 'node:child_process';
import { MissingToolError } from '../../contracts/errors.js';
import { inheritedNodeFlags, modulePath } from '../modules.js';

/** What a child process said that computed a product of matrices. */
export interface Probe {
  /** TensorFlow's, or the wasm backend's. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** A float32 product of two (size, size) matrices, repeated; 10⁹ floating-point operations a second. */
  readonly gigaflops: number;
}

export interface ProbeOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Rows and columns of the matrices. @default 1024 */
  readonly size?: number;
}

const WITHIN_MS = 120_000;

/**
 * Loads an addon in a child process, checks a product of matrices, and measures one.
 *
 * @throws MissingToolError with the child's own words when it can't be loaded or computes something else
 */
export const probeNative = (bindingPath: string, options: ProbeOptions = {}): Promise<Probe> =>
  probe(['native', bindingPath], options);

/** As `probeNative`, with the wasm backend. */
export const probeWasm = (options: ProbeOptions = {}): Promise<Probe> => probe(['wasm', ''], options);

async function probe([backend, path]: readonly [string, string], options: ProbeOptions): Promise<Probe> {
  const child = fork(
    modulePath(import.meta.url, './probeChild'),
    [backend, path, String(options.size ?? 1024)],
    {
      execArgv: inheritedNodeFlags(),
      env: { TF_CPP_MIN_LOG_LEVEL: '2', ...(options.environment ?? process.env) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: WITHIN_MS,
    },
  );
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
  return new Promise<Probe>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Probe));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const how = signal ?? `exit code ${String(code)}`;
      const words = stderr.trim().split('\n').slice(0, 8).join('\n');
      reject(
        new MissingToolError(`the ${backend} engine${path && ` (${path})`} ended with ${how}:\n${words}`),
      );
    });
  });
}
