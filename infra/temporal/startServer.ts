import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { ConfigError, MissingToolError } from '../../contracts/errors.js';
import { SEARCH_ATTRIBUTES } from '../../contracts/names.js';
import { freePorts, isFree, onFreePorts } from '../freePort.js';
import { ensureSearchAttributes } from './connect.js';
import { findTemporalExecutable } from './findServer.js';

type DynamicValue = number | string | boolean;

export interface TemporalServerOptions {
  /** Where the server keeps its state; without it, in memory only. */
  readonly databaseFile?: string;
  /** @default a free one */
  readonly port?: number;
  /** @default a free one */
  readonly uiPort?: number;
  /** @default default */
  readonly namespace?: string;
  /** Receives the server's own warnings. */
  readonly logFile?: string;
  /** Told what is being fetched. */
  readonly log?: (line: string) => void;
  /** @default 30000 */
  readonly readyWithinMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** More of the server's dynamic configuration. */
  readonly dynamicConfig?: Readonly<Record<string, DynamicValue>>;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** Of the server itself. */
  readonly pid: number;
  /** Settles when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Ends it and waits until it is gone: orderly where it is on disk, at once where it is in memory. */
  stop(): Promise<void>;
}

/**
 * What Assay's own servers and the production configuration set. The default of 20 polls a second makes every activity
 * after the first few take 50 ms, and without fairness the team of a run counts for nothing; see docs/operations.
 */
export const DYNAMIC_CONFIG: Readonly<Record<string, DynamicValue>> = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxTimeShift': '20ms',
  'matching.enableFairness': true,
};

/**
 * A log ahead of the database, synced when it is folded in: killing the server loses nothing, a loss of power at most
 * the last moments, never the file. The CLI's default syncs several times at each step, which takes half of the time.
 */
const SQLITE = ['journal_mode=WAL', 'synchronous=NORMAL'];

/**
 * Runs the server, and ends it when our end of its stdin closes: so it dies with its parent, even when the parent is
 * killed with SIGKILL. Its SQLite file survives a SIGKILL of its own, so that two seconds to leave are enough.
 */
const GUARD = `
exec 4<&0
"$@" 3>&- 4<&- </dev/null &
server=$!
echo $server >&3
exec 3>&-
{ read -r _ <&4; kill -TERM $server; sleep 2; kill -KILL $server; } >/dev/null 2>&1 &
watch=$!
exec 4<&-
wait $server
kill $watch 2>/dev/null
exit 0
`;

/**
 * Starts Temporal's dev server on 127.0.0.1 with Assay's search attributes, and waits until it is ready.
 *
 * @throws MissingToolError when there is no Temporal CLI, or when the server doesn't come up (with its last lines)
 */
export async function startTemporalServer(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const { path } = await findTemporalExecutable({
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  if (options.databaseFile !== undefined) await mkdir(dirname(options.databaseFile), { recursive: true });
  await refuseUsedPorts([options.port, options.uiPort]);
  const portsAreGiven = options.port !== undefined || options.uiPort !== undefined;
  return onFreePorts(
    () => startOnce(path, options),
    () => !portsAreGiven,
  );
}

/** A server of others on our port would look like ours. */
async function refuseUsedPorts(ports: readonly (number | undefined)[]): Promise<void> {
  for (const port of ports) {
    if (port === undefined || (await isFree(port))) continue;
    throw new ConfigError(
      `port ${String(port)} of 127.0.0.1 is in use: stop what listens there (another \`assay dev\`?), or choose other ports (--port, --ui-port)`,
    );
  }
}

async function startOnce(path: string, options: TemporalServerOptions): Promise<TemporalServer> {
  const [freePort = 0, freeUiPort = 0] = await freePorts(2);
  const port = options.port ?? freePort;
  const uiPort = options.uiPort ?? freeUiPort;
  const namespace = options.namespace ?? 'default';
  const args = serverArguments({ ...options, port, uiPort, namespace });
  // In a process group of its own, so that Ctrl-C reaches us only and we can end things in order.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'temporal-guard', path, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...(options.environment === undefined ? {} : { env: options.environment }),
  });
  const lastLines = collectOutput(guard, options.logFile);
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()));
  const stop = (): Promise<void> => stopServer(guard, ended, options.databaseFile !== undefined);
  try {
    const pid = await firstNumber(guard.stdio[3] as Readable);
    await untilReady(`127.0.0.1:${String(port)}`, namespace, options.readyWithinMs ?? 30_000, ended);
    return {
      address: `127.0.0.1:${String(port)}`,
      uiUrl: `http://127.0.0.1:${String(uiPort)}`,
      namespace,
      pid,
      ended,
      stop,
    };
  } catch (cause) {
    await stop();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MissingToolError(
      `the Temporal server (${path}) did not come up on port ${String(port)}: ${why}\n${lastLines().join('\n')}`,
      { cause },
    );
  }
}

function serverArguments(
  server: Required<Pick<TemporalServerOptions, 'port' | 'uiPort' | 'namespace'>> & TemporalServerOptions,
): string[] {
  const types = { KEYWORD: 'Keyword', INT: 'Int', DOUBLE: 'Double' } as const;
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn', '--ui-disable-news-fetch'],
    ...['--port', String(server.port), '--ui-port', String(server.uiPort), '--namespace', server.namespace],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${types[type]}`,
    ]),
    ...Object.entries({ ...DYNAMIC_CONFIG, ...server.dynamicConfig }).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...(server.databaseFile === undefined ? [] : ['--db-filename', server.databaseFile]),
    ...(server.databaseFile === undefined ? [] : SQLITE.flatMap((pragma) => ['--sqlite-pragma', pragma])),
  ];
}

function collectOutput(guard: ChildProcess, logFile: string | undefined): () => string[] {
  let tail = '';
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  for (const stream of [guard.stdout, guard.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      file?.write(chunk);
    });
  }
  guard.once('close', () => file?.end());
  guard.stdin?.on('error', () => undefined);
  return () => tail.trim().split('\n').slice(-12);
}

async function firstNumber(stream: Readable): Promise<number> {
  for await (const chunk of stream) return Number(String(chunk).trim());
  throw new Error('it could not be started');
}

async function stopServer(guard: ChildProcess, ended: Promise<void>, orderly: boolean): Promise<void> {
  if (guard.exitCode === null && guard.signalCode === null) {
    if (orderly) guard.stdin?.end();
    else killGroup(guard);
  }
  const patience = setTimeout(() => killGroup(guard), 8_000);
  await ended;
  clearTimeout(patience);
}

function killGroup(guard: ChildProcess): void {
  if (guard.pid === undefined) return;
  try {
    process.kill(-guard.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

async function untilReady(
  address: string,
  namespace: string,
  withinMs: number,
  ended: Promise<void>,
): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await tryOnce(address, namespace);
      if (!isOver) return;
      throw new Error('another server answers on its port');
    } catch (error) {
      if (isOver) throw new Error('it ended at once', { cause: error });
      if (Date.now() > deadline) throw error;
      await sleep(25);
    }
  }
}

async function tryOnce(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    await ensureSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}
