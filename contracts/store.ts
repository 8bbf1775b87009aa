import type { ArtifactKind, ArtifactRef, ColumnSpec, Manifest, Sha256 } from './artifact.js';
import type { Engine, EngineChoice } from './engine.js';
import type { ColumnBatch } from './table.js';
import type { BlockMatrix, SparseRows, Tensor } from './matrix.js';
import type { Checkpoint } from './model.js';
import type { ModelRegistry } from './registry.js';
import type { CacheEntry, Figures, Progress, StageOutput } from './stage.js';

/** An object's identity in the store, for conditional writes. Opaque: never compare it with a hash. */
export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** An object as it lies in the store. */
export interface StoredObject extends ObjectHead {
  /** When it was written last, by the clock of the store; milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/**
 * The store, small on purpose. Implementations: a local folder and S3. Keys are relative to the root, match
 * `[a-z0-9/_.-]+`, and no key is a folder of another.
 */
export interface ObjectStore {
  readonly description: string; // `file:///…` or `s3://bucket/prefix`, without credentials
  /**
   * `range` is of bytes, its end excluded; what lies past the object's end is left out.
   *
   * @throws StoreError when there is no such key
   */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array>;
  head(key: string): Promise<StoredObject | undefined>;
  put(key: string, body: Uint8Array): Promise<ObjectHead>;
  /** @returns undefined when the key exists already; exactly one of several writers wins */
  putIfAbsent(key: string, body: Uint8Array): Promise<ObjectHead | undefined>;
  /** @returns undefined when the object is not the one with this etag any more */
  putIfMatch(key: string, body: Uint8Array, etag: string): Promise<ObjectHead | undefined>;
  /** Uploads a local file of any size (multipart where large). */
  putFile(key: string, path: string): Promise<ObjectHead>;
  /** Downloads to a local path, atomically. */
  getFile(key: string, path: string): Promise<void>;
  /** Every key once, in the order that the server keeps: of bytes (AWS S3, folders), or folder by folder (SeaweedFS). */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Where an object's bytes lie on this machine, in a store that is a local folder. For reading only. */
  localPath?(key: string): string;
}

/** Writes and reads artifacts. Content-addressed: the same rows give the same reference. */
export interface ArtifactStore {
  /** Rows must come in the order that defines the artifact (by id, or by row). */
  writeTable(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    batches: Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>,
  ): Promise<ArtifactRef>;
  /** As writeTable, of sections of rows: each begins a part of its own, as if it were written by itself and joined to the others. */
  writeSections(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    sections: AsyncIterable<AsyncIterable<ColumnBatch>>,
  ): Promise<ArtifactRef>;
  /** One table of the rows of several, in this order. None is copied. @throws RangeError where their kinds or columns differ */
  joinTables(refs: readonly [ArtifactRef, ...ArtifactRef[]]): Promise<ArtifactRef>;
  /** Verifies hashes. @throws StoreError naming the key when something is missing or altered */
  readTable(ref: ArtifactRef, options?: ReadOptions): AsyncIterable<ColumnBatch>;
  writeBlob(kind: ArtifactKind, bytes: Uint8Array, contentType: string): Promise<ArtifactRef>;
  readBlob(ref: ArtifactRef): Promise<Uint8Array>;
  /** A trained model (or any named arrays) as a table of kind `model`. */
  writeModel(tensors: readonly Tensor[]): Promise<ArtifactRef>;
  readModel(ref: ArtifactRef): Promise<readonly Tensor[]>;
  manifest(ref: ArtifactRef): Promise<Manifest>;
  /** True when the manifest and every part exist; `deep` also re-reads and hashes every part. */
  verify(ref: ArtifactRef, options?: { readonly deep?: boolean }): Promise<boolean>;
}

/** What to read of a table. */
export interface ReadOptions {
  /** @default all */
  readonly columns?: readonly string[];
  /** `to` is excluded; parts without any of these rows are left alone. @default all */
  readonly rows?: { readonly from: number; readonly to: number };
}

/** A value of a small result. */
export type SqlValue = string | number | bigint | boolean | null;

type SqlGiven = string | number | readonly string[] | null;

/** A function of ours that statements may call, for what SQL can't say just so. Never called with a missing value. */
export interface SqlFunction {
  readonly name: string;
  /**
   * How another engine than this machine's does it: by a function of its own, which takes these parameters; or, for what
   * only people read, by asking here, afterwards: always, or where a text is no vector.
   */
  readonly elsewhere?:
    | { readonly name: string; readonly params: readonly (string | number)[] }
    | { readonly afterwards: 'always' | 'vector' };
  readonly takes: 'text' | 'number';
  readonly gives: 'text' | 'number' | 'texts';
  readonly call: ((value: string) => SqlGiven) | ((value: number) => SqlGiven);
  /** The same of a short text that is nothing but ASCII, from its bytes: of most ids, no string needs to be made. */
  readonly ofAscii?: (bytes: Uint8Array, start: number, end: number) => number;
}

/**
 * What any engine can be asked for of tables that are larger than memory. Statements see the inputs and what the session
 * made, nothing else, and can't change that. They are written in what DuckDB and Spark both say alike: docs/adr/0016.
 */
export interface SharedSession {
  /** Makes a table of what `select` gives; one that was called so before makes room. */
  table(name: string, select: string): Promise<void>;
  /** A name for `select`, which is worked out whenever it is asked. */
  view(name: string, select: string): Promise<void>;
  /** Lets later statements call one more function. */
  function(asked: SqlFunction): Promise<void>;
  /** Takes a table away. */
  drop(name: string): Promise<void>;
  /** For results that fit in memory. */
  query(sql: string): Promise<readonly (readonly SqlValue[])[]>;
  /**
   * Numbers at exact positions of their ascending order, whatever the threads do.
   *
   * @param select one column of numbers, none of them missing
   * @param positionsOf of how many there are; 0 is that of the least
   * @returns nothing where there is no number
   */
  ranked(select: string, positionsOf: (count: number) => readonly number[]): Promise<readonly number[]>;
  /** Writes what `select` gives, in its order, as a table whose columns are `columns`, in that order. */
  write(kind: ArtifactKind, columns: readonly ColumnSpec[], select: string): Promise<ArtifactRef>;
}

/**
 * A scratch database of one stage. Its memory is bounded: what doesn't fit goes to disk. Statements see the inputs and
 * the session's own folder, no other file and no network, and can't change that.
 */
export interface TableSession extends SharedSession {
  /** Local folder of the session; gone with it. */
  readonly folder: string;
  run(sql: string): Promise<void>;
  /** Puts a file into the folder. @returns its path */
  writeFile(name: string, pieces: readonly Uint8Array[]): Promise<string>;
  /** Writes rows of a table of the session in the order in which they lie there: nothing is sorted, nothing copied. */
  writeRows(kind: ArtifactKind, columns: readonly ColumnSpec[], rows: TableRows): Promise<ArtifactRef>;
}

/** Some rows of a table of a session. */
export interface TableRows {
  readonly table: string;
  /** SQL of the values, by column. */
  readonly values: readonly string[];
  /** Which rows. @default all */
  readonly where?: string;
}

export interface SessionOptions {
  /** Views over artifacts, by name: their columns under their own names. */
  readonly inputs?: Readonly<Record<string, readonly ArtifactRef[]>>;
  /** Inputs have the columns of core/sql/places.ts, too: where a row stands in its input, and of which of its artifacts it is. */
  readonly placed?: boolean;
  /** Local files that statements may read beside. */
  readonly files?: readonly string[];
  readonly functions?: readonly SqlFunction[];
  /** Told how far the statement under way is, 0 to 1, some times a second. */
  readonly progress?: (share: number) => void;
}

/** Where a stage keeps its restorable state; keyed by the stage key, so that other parameters never resume from it. */
export interface CheckpointSlot {
  load(): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
}

/**
 * Finished pieces of a stage's work, kept from run to run by what decides them. To that, the stage's code version is added.
 */
export interface Pieces {
  /** Undefined also where an output is missing or altered. */
  find(decidedBy: PieceKey): Promise<StageOutput | undefined>;
  /** Replaces what was kept under the same key. */
  keep(decidedBy: PieceKey, output: StageOutput): Promise<void>;
}

/** Plain data: equal data name the same piece. */
export type PieceKey = CacheEntry['params'];

/** What a stage is given to work with. No stage touches disk, network or clock in another way. */
export interface StageContext {
  readonly artifacts: ArtifactStore;
  readonly checkpoints: CheckpointSlot;
  /** Milliseconds between checkpoints; becomes 0 when the worker stops, so ask each time. */
  readonly checkpointIntervalMs: number;
  readonly progress: (progress: Progress & { readonly figures?: Figures }) => void;
  readonly signal: AbortSignal;
  /** Keeps what was read in this process for later stages, by key; least recently used goes first. */
  readonly memo: <T>(key: string, load: () => Promise<T>) => Promise<T>;
  /** Counts an opening of a frozen test set. The same stage, asked again, gets the same number (1 = the first). */
  readonly openTestSet: (sha256: string) => Promise<number>;
  readonly pieces: Pieces;
  /** Hashes of the user's files by their stamps, kept for all stages. */
  readonly hashes: Pieces;
  /** What the cache has on a finished stage; undefined where it has nothing. Its artifacts are not looked at. */
  readonly finished: (stage: string, stageKey: Sha256) => Promise<CacheEntry | undefined>;
  /** The engine of this process, started when it is first asked for. @throws MissingToolError where there is no such one */
  readonly engine: (choice: EngineChoice) => Promise<Engine>;
  /** Registered models and their aliases. What it says changes: a stage that asks it is asked for anew, or passes it on. */
  readonly registry: ModelRegistry;
  /** Opens the files that the user named (local path, glob, `file://`, `s3://`) for reading. */
  readonly sources: SourceFiles;
  /** Tables of about more bytes than this, unpacked, are worked on by `withTables`. */
  readonly inMemoryBytes: number;
  /**
   * Puts a matrix on the local disk, for as long as this process holds on to it.
   *
   * @param blocks its rows in order, then the number of its columns
   */
  readonly spoolMatrix: (blocks: AsyncGenerator<SparseRows, number>) => Promise<BlockMatrix>;
  /** Works on tables that are larger than memory, with SQL; the session ends with `work`, or when the stage is asked to stop. */
  readonly withTables: <T>(
    options: SessionOptions,
    work: (session: TableSession) => Promise<T>,
  ) => Promise<T>;
  /** As withTables, on the engine that the run names; undefined where that is this machine's own. */
  readonly elsewhere:
    (<T>(options: SessionOptions, work: (session: SharedSession) => Promise<T>) => Promise<T>) | undefined;
}

/** A file that the user named. */
export interface SourceFile {
  readonly uri: string;
  readonly sizeBytes: number;
  /**
   * Differs from that of all other bytes which any file has held, as far as can be told without reading; other where the
   * same bytes are written again. Undefined where the file changed just now: it may do so again unnoticed.
   */
  readonly stamp?: string;
  /** Raw bytes as they are (still compressed). */
  open(): AsyncIterable<Uint8Array>;
  /** A local path with the file's bytes (downloaded where it is remote). */
  localPath(): Promise<string>;
}

export interface SourceFiles {
  /** Sorted by URI. @throws DataError when nothing matches */
  resolve(uris: readonly string[]): Promise<readonly SourceFile[]>;
  /** A Parquet file that others wrote: every column as utf8 (numbers in full, times in ISO 8601, missing null). */
  readParquet?(file: SourceFile): AsyncIterable<ColumnBatch>;
  /** A safetensors file that others wrote: its parameters as float32. */
  readSafetensors?(file: SourceFile): Promise<readonly Tensor[]>;
}
