import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ArtifactKind, ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import { DataError, OutOfMemoryError } from '../contracts/errors.js';
import { PLACES } from '../core/sql/places.js';
import type {
  ArtifactStore,
  SessionOptions,
  SqlFunction,
  SqlValue,
  TableRows,
  TableSession,
} from '../contracts/store.js';
import type { TableFiles } from './artifacts.js';
import { literal, loadDuckdb, quoted } from './duckdb.js';
import { copyRows, definitionOf } from './tables.js';
import { SQL_TYPES } from './tableVectors.js';
import { TextCells } from './textCells.js';

/** What SQL that any engine reads calls a number's text. */
const PLAIN_NUMBER = 'CREATE TEMP MACRO plain_number(present) AS parse_number(present)';
const PROGRESS_INTERVAL_MS = 300;
const MOST_THREADS = 8;

export interface SessionsOptions {
  /** Local folder for databases and what they spill. */
  readonly scratchDirectory: string;
  /** What the database may hold in memory, as DuckDB writes it. @default 1500MB */
  readonly memory?: string;
  /** Never changes what comes out. @default one per core, at most 8 */
  readonly threads?: number;
}

export type SessionArtifacts = TableFiles & Pick<ArtifactStore, 'manifest'>;

/**
 * Opens a session for `work`, and takes it away afterwards, whatever happens.
 *
 * @throws DataError where a statement fails on what the data hold, OutOfMemoryError where memory and disk did not do
 */
export async function withTableSession<T>(
  artifacts: SessionArtifacts,
  options: SessionsOptions,
  asked: SessionOptions & { readonly signal: AbortSignal },
  work: (session: TableSession) => Promise<T>,
): Promise<T> {
  const folder = join(options.scratchDirectory, `tables-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  let instance: DuckDBInstance | undefined;
  try {
    const inputs = await openInputs(artifacts, asked.inputs ?? {});
    instance = await openInstance(folder, options);
    const connection = await instance.connect();
    const paths = [...inputs.values()].flatMap(({ parts }) => parts.map(({ path }) => path));
    await confine(connection, folder, [...(asked.files ?? []), ...paths]);
    for (const [name, input] of inputs) await createView(connection, name, input, asked.placed === true);
    for (const each of asked.functions ?? []) await register(connection, each);
    if (asked.functions?.some(({ name }) => name === 'parse_number')) await connection.run(PLAIN_NUMBER);
    const session = new DuckdbSession(folder, connection, artifacts, asked.progress);
    const interrupt = (): void => connection.interrupt();
    asked.signal.addEventListener('abort', interrupt);
    try {
      asked.signal.throwIfAborted(); // it may have come while the database was opened
      return await work(session);
    } catch (error) {
      asked.signal.throwIfAborted();
      throw explained(error);
    } finally {
      asked.signal.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  } finally {
    instance?.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

class DuckdbSession implements TableSession {
  constructor(
    readonly folder: string,
    readonly connection: DuckDBConnection,
    readonly files: TableFiles,
    private readonly progress: ((share: number) => void) | undefined,
  ) {}

  async run(sql: string): Promise<void> {
    await this.watched(() => this.connection.run(sql));
  }

  async writeFile(name: string, pieces: readonly Uint8Array[]): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, pieces);
    return path;
  }

  table(name: string, select: string): Promise<void> {
    return this.run(`CREATE OR REPLACE TABLE ${name} AS ${select}`);
  }

  view(name: string, select: string): Promise<void> {
    return this.run(`CREATE OR REPLACE VIEW ${name} AS ${select}`);
  }

  function(asked: SqlFunction): Promise<void> {
    return register(this.connection, asked);
  }

  drop(name: string): Promise<void> {
    return this.run(`DROP TABLE IF EXISTS ${name}`);
  }

  async ranked(
    select: string,
    positionsOf: (count: number) => readonly number[],
  ): Promise<readonly number[]> {
    const among = `FROM (${select}) AS asked(value)`;
    const [[count] = []] = await this.query(`SELECT count(*) ${among}`);
    const n = Number(count);
    if (n === 0) return [];
    const at = positionsOf(n).map((position) => `quantile_disc(value, ${(position + 0.5) / n})`);
    const [found] = await this.query(`SELECT ${at.join(', ')} ${among}`);
    return found!.map(Number);
  }

  async query(sql: string): Promise<readonly (readonly SqlValue[])[]> {
    const read = await this.watched(() => this.connection.runAndReadAll(sql));
    return read.getRows() as SqlValue[][]; // statements ask for plain types only
  }

  async write(kind: ArtifactKind, columns: readonly ColumnSpec[], select: string): Promise<ArtifactRef> {
    return this.watched(() => publishSelect(this, { kind, columns, select }));
  }

  writeRows(kind: ArtifactKind, columns: readonly ColumnSpec[], rows: TableRows): Promise<ArtifactRef> {
    return publishRows(this, { kind, columns, ...rows });
  }

  /** Tells how far the statement is while it runs. */
  private async watched<T>(work: () => Promise<T>): Promise<T> {
    const { progress, connection } = this;
    if (progress === undefined) return work();
    const timer = setInterval(() => {
      const { percentage } = connection.progress;
      if (percentage >= 0) progress(Math.min(1, percentage / 100));
    }, PROGRESS_INTERVAL_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }
}

type Publisher = Pick<DuckdbSession, 'connection' | 'folder' | 'files'>;

interface Published {
  readonly kind: ArtifactKind;
  readonly columns: readonly ColumnSpec[];
}

/** Publishes what `select` gives, in its order. */
export async function publishSelect(
  by: Publisher,
  { kind, columns, select }: Published & { readonly select: string },
): Promise<ArtifactRef> {
  await by.connection.run(`CREATE OR REPLACE TABLE written (${definitionOf(columns)})`);
  await by.connection.run(`INSERT INTO written ${select}`);
  const values = columns.map(({ name }) => quoted(name));
  const ref = await publishRows(by, { kind, columns, table: 'written', values });
  await by.connection.run('DROP TABLE written');
  return ref;
}

function publishRows(
  { connection, folder, files }: Publisher,
  { kind, columns, ...rows }: Published & TableRows,
): Promise<ArtifactRef> {
  return files.publishFiles(kind, columns, copyRows(connection, join(folder, 'parts'), columns, rows));
}

/** Columns of an input, and the files that hold its rows. */
interface Input {
  readonly columns: readonly ColumnSpec[];
  readonly parts: readonly InputPart[];
}

interface InputPart {
  readonly path: string;
  readonly rows: number;
  /** Of the artifact, in the input. */
  readonly ordinal: number;
}

export async function openInputs(
  artifacts: SessionArtifacts,
  inputs: Readonly<Record<string, readonly ArtifactRef[]>>,
): Promise<Map<string, Input>> {
  const opened = new Map<string, Input>();
  for (const [name, refs] of Object.entries(inputs)) {
    const manifests = await Promise.all(refs.map((ref) => artifacts.manifest(ref)));
    const paths = await Promise.all(refs.map((ref) => artifacts.localParts(ref)));
    const parts = manifests.flatMap((manifest, ordinal) =>
      manifest.parts.map(({ rows }, at) => ({ path: paths[ordinal]![at]!, rows, ordinal })),
    );
    opened.set(name, { columns: manifests[0]?.columns ?? [], parts });
  }
  return opened;
}

/** Tables of a database in memory spill like everything else; one in a file logs and compresses each, which takes longer than making it. */
export async function openInstance(folder: string, options: SessionsOptions): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await loadDuckdb();
  const { memory = '1500MB', threads = Math.min(MOST_THREADS, availableParallelism()) } = options;
  return Instance.create(':memory:', {
    threads: String(threads),
    memory_limit: memory,
    temp_directory: join(folder, 'spilled'),
    preserve_insertion_order: 'true',
    // Packing tables anew after some updates takes longer than what stages ask of them.
    checkpoint_threshold: '1TB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

/** From here on, statements reach the session's folder and these files, and nobody can change that. */
async function confine(
  connection: DuckDBConnection,
  folder: string,
  files: readonly string[],
): Promise<void> {
  await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run(`SET allowed_directories = [${literal(folder)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

async function createView(
  connection: DuckDBConnection,
  name: string,
  { columns, parts }: Input,
  isPlaced: boolean,
): Promise<void> {
  const none = columns.map((spec) => `CAST(NULL AS ${SQL_TYPES[spec.type]}) AS ${quoted(spec.name)}`);
  const read = (some: readonly InputPart[]): string =>
    `read_parquet([${some.map(({ path }) => literal(path)).join(', ')}])`;
  // A table without rows has no file.
  const nothing = `SELECT ${none.join(', ')} WHERE false`;
  if (!isPlaced) {
    const rows = parts.length > 0 ? `SELECT * FROM ${read(parts)}` : nothing;
    await connection.run(`CREATE VIEW ${quoted(name)} AS ${rows}`);
    return;
  }
  const { position, ordinal } = PLACES;
  const all = [...new Set(parts.map((part) => part.ordinal))].map(
    (at) => `SELECT *, ${at} AS ${quoted(ordinal)} FROM ${read(parts.filter((part) => part.ordinal === at))}`,
  );
  const rows =
    all.length > 0 ? all.join(' UNION ALL ') : `SELECT *, 0 AS ${quoted(ordinal)} FROM (${nothing})`;
  await connection.run(
    `CREATE VIEW ${quoted(name)} AS SELECT *, row_number() OVER () - 1 AS ${quoted(position)} FROM (${rows})`,
  );
}

export async function register(
  connection: DuckDBConnection,
  { name, takes, gives, call, ofAscii }: SqlFunction,
): Promise<void> {
  const { DuckDBScalarFunction, VARCHAR, DOUBLE, LIST, listValue } = await loadDuckdb();
  const types = { text: VARCHAR, number: DOUBLE, texts: LIST(VARCHAR) };
  const asked = call as (value: unknown) => string | number | readonly string[] | null; // the type of its parameter is `takes`
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: [types[takes]],
      returnType: types[gives],
      mainFunction: (_info, input, output) => {
        const values = input.getColumnVector(0);
        const cells = takes === 'text' ? new TextCells(values) : undefined;
        for (let row = 0; row < input.rowCount; row++) {
          const end = cells && ofAscii ? cells.end(row) : -1;
          if (cells && ofAscii && end >= 0) {
            output.setItem(row, ofAscii(cells.bytes, cells.start(row), end));
            continue;
          }
          const value = cells ? cells.text(row) : values.getItem(row);
          const given = value === null ? null : asked(value);
          output.setItem(row, given instanceof Array ? listValue(given) : given);
        }
        output.flush();
      },
    }),
  );
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (
    /^(Error: )?Out of Memory Error/.test(error.message) ||
    /failed to (offload|allocate)/i.test(error.message)
  ) {
    return new OutOfMemoryError(
      `the table did not fit: ${error.message.split('\n')[0]!}. Give it more memory (ASSAY_TABLE_MEMORY=4GB), or more disk ` +
        'for what it spills (ASSAY_DIRECTORY)',
      { cause: error },
    );
  }
  if (/^(Error: )?(Conversion|Out of Range) Error/.test(error.message)) {
    return new DataError(`the data can't be worked on: ${error.message.split('\n')[0]!}`, { cause: error });
  }
  return error;
}
