import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactKind, ArtifactRef, ColumnSpec } from '../../contracts/artifact.js';
import { isLocal, type SparkSettings } from '../../contracts/dataEngine.js';
import { ConfigError } from '../../contracts/errors.js';
import type { SessionOptions, SharedSession, SqlFunction, SqlValue } from '../../contracts/store.js';
import { PLACES } from '../../core/sql/places.js';
import { literal } from '../duckdb.js';
import {
  openInputs,
  openInstance,
  publishSelect,
  register,
  type SessionArtifacts,
  type SessionsOptions,
} from '../tableSession.js';
import { Afterwards } from './afterwards.js';
import { sparkSql } from './dialect.js';
import { SparkJob, type SparkTools } from './job.js';

/** What sessions on Spark need beside what those on this machine's database do. */
export interface SparkOptions extends SessionsOptions {
  readonly settings: SparkSettings;
  readonly tools: SparkTools;
}

type Asked = SessionOptions & { readonly signal: AbortSignal };

/**
 * Opens a session on Spark for `work`, and ends its job afterwards, whatever happens.
 *
 * @throws SparkError where Spark can't do what it is asked, ConfigError where the settings ask for what it can't
 */
export async function withSparkSession<T>(
  artifacts: SessionArtifacts,
  options: SparkOptions,
  asked: Asked,
  work: (session: SharedSession) => Promise<T>,
): Promise<T> {
  const { settings, tools, scratchDirectory } = options;
  const folder = join(settings.directory ?? scratchDirectory, `spark-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const job = await SparkJob.start({
      settings,
      tools,
      folder,
      signal: asked.signal,
      progress: asked.progress,
    });
    try {
      const session = new SparkSession(job, folder, artifacts, options);
      for (const one of asked.functions ?? []) await session.function(one);
      await session.inputs(asked);
      return await work(session);
    } finally {
      await job.end();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class SparkSession implements SharedSession {
  readonly #later = new Afterwards();

  constructor(
    private readonly job: SparkJob,
    private readonly folder: string,
    private readonly artifacts: SessionArtifacts,
    private readonly options: SparkOptions,
  ) {}

  async table(name: string, select: string): Promise<void> {
    await this.job.ask({ do: 'table', name, select: sparkSql(select) });
  }

  async view(name: string, select: string): Promise<void> {
    await this.job.ask({ do: 'view', name, select: sparkSql(select) });
  }

  async drop(name: string): Promise<void> {
    await this.job.ask({ do: 'drop', name });
  }

  async query(sql: string): Promise<readonly (readonly SqlValue[])[]> {
    const rows = (await this.job.ask({ do: 'query', select: sparkSql(sql) })) as SqlValue[][]; // statements ask for plain types only
    return rows.map((row) =>
      row.map((value) => (typeof value === 'string' ? this.#later.told(value) : value)),
    );
  }

  async ranked(
    select: string,
    positionsOf: (count: number) => readonly number[],
  ): Promise<readonly number[]> {
    const count = Number(await this.job.ask({ do: 'rank', select: sparkSql(select) }));
    const positions = count === 0 ? [] : positionsOf(count);
    return (await this.job.ask({ do: 'at', positions })) as number[];
  }

  /** Spark sorts; the files of the artifact are written here, as they are for any other engine: the same rows, the same bytes. */
  async write(kind: ArtifactKind, columns: readonly ColumnSpec[], select: string): Promise<ArtifactRef> {
    const made = await this.job.ask({ do: 'write', select: sparkSql(select), columns: columns.length });
    const written = join(this.folder, String(made));
    const names = (await readdir(written)).filter((name) => name.endsWith('.parquet'));
    const paths = names.sort(byPart).map((name) => literal(join(written, name)));
    const folder = join(this.options.scratchDirectory, `publish-${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    const instance = await openInstance(folder, this.options);
    try {
      const connection = await instance.connect();
      await register(connection, {
        ...{ name: 'told', takes: 'text', gives: 'text' },
        call: (text: string) => this.#later.told(text),
      });
      const mark = literal(this.#later.mark);
      const values = columns.map(({ type }, i) =>
        type === 'utf8' ? `CASE WHEN contains(x${i}, ${mark}) THEN told(x${i}) ELSE x${i} END` : `x${i}`,
      );
      const rows = `SELECT ${values.join(', ')} FROM read_parquet([${paths.join(', ')}])`;
      return await publishSelect(
        { connection, folder, files: this.artifacts },
        { kind, columns, select: rows },
      );
    } finally {
      instance.closeSync();
      await rm(folder, { recursive: true, force: true });
      await rm(written, { recursive: true, force: true });
    }
  }

  async function(asked: SqlFunction): Promise<void> {
    const { name, elsewhere, gives } = asked;
    if (!elsewhere) return; // of reading, which is not done there
    const isLater = 'afterwards' in elsewhere;
    if (isLater) this.#later.add(asked);
    const [known, params] = isLater
      ? [elsewhere.afterwards, [this.#later.mark, name]]
      : [elsewhere.name, elsewhere.params];
    await this.job.ask({ do: 'function', name, known, params, gives });
  }

  async inputs({ inputs = {}, placed }: SessionOptions): Promise<void> {
    const opened = await openInputs(this.artifacts, inputs);
    const places = placed === true ? [PLACES.position, PLACES.ordinal] : [];
    for (const [name, { columns, parts }] of opened) {
      const files: (typeof parts)[number][] = [];
      for (const part of parts) files.push({ ...part, path: await this.#shared(part.path) });
      const given = columns.map((column) => [column.name, column.type]);
      await this.job.ask({ do: 'input', name, columns: given, files, places });
    }
  }

  /** The path of a file at which executors see it, too. */
  async #shared(path: string): Promise<string> {
    const { settings } = this.options;
    if (isLocal(settings)) return `file://${path}`;
    if (settings.directory === undefined) {
      throw new ConfigError(
        `dataEngine: master ${settings.master} needs a directory that the worker and all executors see at one path`,
      );
    }
    const shared = join(this.folder, 'inputs', basename(path));
    await mkdir(join(this.folder, 'inputs'), { recursive: true });
    await copyFile(path, shared);
    return `file://${shared}`;
  }
}

const byPart = (a: string, b: string): number => partOf(a) - partOf(b) || (a < b ? -1 : 1);
const partOf = (name: string): number => Number(/^part-(\d+)/.exec(name)?.[1] ?? -1);
