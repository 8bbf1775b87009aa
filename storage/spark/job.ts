import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SparkSettings } from '../../contracts/dataEngine.js';
import { SparkError } from '../../contracts/errors.js';

const LOG_BYTES = 16_000;
const LINES_TOLD = 6;
/** Time to end by itself. */
const GRACE_MS = 3_000;
/** After the end of the process, its last words may still be on the way. */
const LAST_WORDS_MS = 300;

/** What starts jobs on this machine. */
export interface SparkTools {
  /** Path of `spark-submit`. */
  readonly submit: string;
  /** Our job, and the modules that it imports. */
  readonly job: string;
  readonly modules: readonly string[];
}

/** What the job can be asked: a method of its class Session, and its parameters. */
export type SparkRequest = Readonly<Record<string, unknown>> & { readonly do: string };

interface JobOptions {
  readonly tools: SparkTools;
  readonly settings: SparkSettings;
  /** For tables under way. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: ((share: number) => void) | undefined;
}

interface Answer {
  readonly progress?: number;
  readonly done?: unknown;
  readonly failed?: { readonly kind: string; readonly message: string };
}

interface Asked {
  readonly resolve: (done: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The job of one session: `spark-submit` in a process group of its own, spoken to over a socket in a folder that only we can open. */
export class SparkJob {
  #asked: Asked | undefined;
  #log = '';
  #socket: Socket | undefined;
  readonly #ended: Promise<void>;

  private constructor(
    readonly options: JobOptions,
    readonly socketFolder: string,
    readonly server: Server,
    readonly process: ChildProcess,
  ) {
    for (const stream of [process.stdout!, process.stderr!])
      stream.on('data', (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-LOG_BYTES)));
    this.#ended = new Promise((resolve) => {
      process.once('error', (error) => {
        this.#fail(
          new SparkError(`${options.tools.submit} can't be started: ${error.message}`, { cause: error }),
        );
        resolve();
      });
      process.once('exit', (code, signal) => {
        const end = (): void => {
          this.#fail(this.#endedEarly(code, signal));
          resolve();
        };
        process.once('close', end);
        setTimeout(end, LAST_WORDS_MS).unref();
      });
    });
  }

  /** Starts a job and waits until its session is open. @throws SparkError where it ends before */
  static async start(options: JobOptions): Promise<SparkJob> {
    const socketFolder = await mkdtemp(join(tmpdir(), 'assay-spark-'));
    const path = join(socketFolder, 'socket');
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
    const { tools, folder } = options;
    const child = spawn(tools.submit, [...submitArguments(options), tools.job, path, `file://${folder}`], {
      detached: true, // to be ended with all that it starts
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SPARK_LOCAL_DIRS: folder },
    });
    const job = new SparkJob(options, socketFolder, server, child);
    options.signal.addEventListener('abort', job.#abort);
    try {
      await job.#answer(() => server.once('connection', (socket) => job.#listen(socket)));
      return job;
    } catch (error) {
      await job.end();
      throw error;
    }
  }

  /** Asks for one thing; one at a time. @throws SparkError */
  ask(request: SparkRequest): Promise<unknown> {
    return this.#answer(() => this.#socket!.write(`${JSON.stringify(request)}\n`));
  }

  /** Ends the session and everything that it started. */
  async end(): Promise<void> {
    this.options.signal.removeEventListener('abort', this.#abort);
    if (this.#socket && this.process.exitCode === null && !this.options.signal.aborted) {
      const stopped = this.ask({ do: 'stop' }).catch(() => undefined);
      await Promise.race([stopped, after(GRACE_MS)]);
    }
    this.#socket?.destroy();
    await Promise.race([this.#ended, after(GRACE_MS)]);
    this.#kill(); // whatever is left of it
    await this.#ended;
    this.server.close();
    await rm(this.socketFolder, { recursive: true, force: true });
  }

  /** The job ends by itself when nobody listens any more: also where this process is killed before it is gone. */
  readonly #abort = (): void => {
    this.#fail(this.options.signal.reason);
    if (this.#socket) this.#socket.destroy();
    else this.#kill();
  };

  async #answer(start: () => void): Promise<unknown> {
    this.options.signal.throwIfAborted();
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) throw this.#endedEarly(exitCode, signalCode);
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      start();
    });
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => undefined); // the end of the process says more
    createInterface({ input: socket }).on('line', (line) => {
      const { progress, failed, done } = JSON.parse(line) as Answer; // our own job's
      if (progress !== undefined) this.options.progress?.(Math.min(1, progress));
      else if (failed) this.#fail(failure(failed, this.options.settings));
      else this.#settle((asked) => asked.resolve(done));
    });
  }

  #fail(error: unknown): void {
    this.#settle((asked) => asked.reject(error));
  }

  #settle(how: (asked: Asked) => void): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked) how(asked);
  }

  /** The whole group: Spark's virtual machine starts further processes. */
  #kill(): void {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  }

  #endedEarly(code: number | null, signal: NodeJS.Signals | null): SparkError {
    const lines = this.#log.trim().split('\n').slice(-LINES_TOLD).join('\n');
    const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
    const told = lines === '' ? '' : `. Its last lines:\n${lines}`;
    return new SparkError(
      `dataEngine spark, master ${this.options.settings.master}: spark-submit ended with ${how}${told}`,
    );
  }
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/** No secret is among them: `ps` shows them. */
function submitArguments({ settings, tools }: JobOptions): string[] {
  const { master, executors, executorCores, executorMemory, driverMemory, partitions } = settings;
  const conf: Readonly<Record<string, string | number | undefined>> = {
    'spark.executor.instances': executors,
    'spark.executor.cores': executorCores,
    'spark.executor.memory': executorMemory,
    'spark.driver.memory': driverMemory,
    'spark.sql.shuffle.partitions': partitions,
  };
  const set = Object.entries(conf).flatMap(([name, value]) =>
    value === undefined ? [] : ['--conf', `${name}=${value}`],
  );
  return [
    '--master',
    master,
    '--deploy-mode',
    'client',
    '--name',
    'assay',
    '--py-files',
    tools.modules.join(','),
    ...set,
  ];
}

function failure(
  { kind, message }: { readonly kind: string; readonly message: string },
  { master }: SparkSettings,
): SparkError {
  const memory = /OutOfMemoryError|No space left/.test(message)
    ? '. Give it more: dataEngine.driverMemory (local) or executorMemory, more partitions, or disk'
    : '';
  return new SparkError(`dataEngine spark, master ${master}: ${kind}: ${message.split('\n')[0]!}${memory}`);
}
