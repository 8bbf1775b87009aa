import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MissingToolError } from '../../contracts/errors.js';
import { findVersitygw, type FindOptions } from './find.js';

const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5000;

export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly dataDirectory: string;
  /** Process id, for tests that kill it. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface S3ServerOptions extends FindOptions {
  /** Buckets are folders in `<dataDirectory>/data`. */
  readonly dataDirectory: string;
  /** @default a free one */
  readonly port?: number;
  /** @default made up */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Starts an S3 server on loopback, with credentials of its own, that ends with this process.
 *
 * @throws MissingToolError when there is none and none can be built, or it doesn't start
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const executable = await findVersitygw(options);
  const port = options.port ?? (await freePort());
  const data = join(options.dataDirectory, 'data');
  const metadata = join(options.dataDirectory, 'metadata');
  await mkdir(data, { recursive: true });
  await mkdir(metadata, { recursive: true });
  const { accessKeyId, secretAccessKey } = options.credentials ?? {
    accessKeyId: `assay${randomBytes(6).toString('hex')}`,
    secretAccessKey: randomBytes(24).toString('hex'),
  };
  const child = spawn(
    executable,
    ['--port', `127.0.0.1:${String(port)}`, '--quiet', '--keep-alive', 'posix', '--sidecar', metadata, data],
    {
      // In the environment, not among the arguments, which every user of the machine can read.
      env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  try {
    await ready(child, port);
  } catch (error) {
    end();
    throw error;
  }
  const stop = async (): Promise<void> => {
    process.removeListener('exit', end);
    await stopChild(child);
  };
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    accessKeyId,
    secretAccessKey,
    dataDirectory: options.dataDirectory,
    pid: child.pid ?? 0,
    stop,
  };
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += 50) {
    if (failure !== undefined || child.exitCode !== null) break;
    if (await accepts(port)) return;
    await sleep(50);
  }
  const why = failure?.message ?? (complaint.trim() || `nothing listens on port ${String(port)}`);
  throw new MissingToolError(`the S3 server did not start: ${why}`, { cause: failure });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(late);
}
