import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MissingToolError } from '../../contracts/errors.js';
import { freePorts, onFreePorts } from '../freePort.js';
import { findS3Server, type FindOptions, type S3Executable } from './find.js';
import { launchOf, type Credentials, type Launch } from './launch.js';

export interface S3Server extends Credentials {
  readonly kind: S3Executable['kind'];
  readonly endpoint: string;
  readonly dataDirectory: string;
  stop(): Promise<void>;
}

export interface S3ServerOptions extends FindOptions {
  /** Everything that the server keeps; started on it again, it has the same buckets. */
  readonly dataDirectory: string;
  /** @default a free one */
  readonly port?: number;
  /** @default made up */
  readonly credentials?: Credentials;
}

/**
 * Starts an S3 server on loopback, with credentials of its own, that ends with this process.
 *
 * @throws MissingToolError when there is none and none can be had, or it doesn't start
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const executable = await findS3Server(options);
  return onFreePorts(
    () => startOnce(executable, options),
    (error) => /address already in use/u.test(String(error)),
  );
}

async function startOnce(executable: S3Executable, options: S3ServerOptions): Promise<S3Server> {
  const { dataDirectory } = options;
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  const credentials = options.credentials ?? {
    accessKeyId: `assay${randomBytes(6).toString('hex')}`,
    secretAccessKey: randomBytes(24).toString('hex'),
  };
  const launch = await launchOf(executable, dataDirectory, port, credentials);
  const child = spawn(executable.path, launch.arguments, {
    cwd: dataDirectory,
    env: { PATH: process.env['PATH'], ...launch.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = (): void => {
    child.kill('SIGKILL');
    launch.clearAway();
  };
  process.once('exit', end);
  try {
    await ready(child, port, launch);
  } catch (error) {
    end();
    throw error;
  }
  const stop = async (): Promise<void> => {
    process.removeListener('exit', end);
    await stopChild(child, launch.graceMs);
    launch.clearAway();
  };
  const { accessKeyId, secretAccessKey } = credentials;
  const endpoint = `http://127.0.0.1:${String(port)}`;
  return { kind: executable.kind, endpoint, accessKeyId, secretAccessKey, dataDirectory, stop };
}

async function ready(child: ChildProcess, port: number, launch: Launch): Promise<void> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const endMs = performance.now() + launch.readyWithinMs;
  while (performance.now() < endMs) {
    if (failure !== undefined || child.exitCode !== null) break;
    if ((await answer(`http://127.0.0.1:${String(port)}`)) && (await isReady(launch))) return;
    await sleep(50);
  }
  const why = failure?.message ?? (complaint.trim() || `nothing listens on port ${String(port)}`);
  throw new MissingToolError(`the S3 server did not start: ${why}`, { cause: failure });
}

const isReady = async ({ readyUrl }: Launch): Promise<boolean> =>
  readyUrl === undefined || (await answer(readyUrl))?.ok === true;

/** Undefined where nobody answers. */
async function answer(url: string): Promise<Response | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response;
}

async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(late);
}
