import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Manifest,
  MANIFEST_FORMAT,
  type ArtifactKind,
  type ArtifactRef,
  type ColumnSpec,
  type Part,
  type Sha256,
} from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { ArtifactStore, ObjectStore, ReadOptions, StoredObject } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { concurrently } from '../core/concurrently.js';
import { rowsBetween } from '../core/table.js';
import { canonicalJson, sha256, sha256OfFile } from './hash.js';
import { MODEL_COLUMNS, tensorBatches, tensorsFromBatches } from './modelTable.js';
import { damaged, PartCache } from './partCache.js';
import { readPart, writeParts } from './tableCodecs.js';
import type { ParquetFile } from './tables.js';

export interface ArtifactsOptions {
  /** Local folder for files under way and, for a remote store, downloaded parts. Should outlive the process. */
  readonly scratchDirectory: string;
  /** How much the downloaded parts may take. @default 20 GiB */
  readonly cacheLimitBytes?: number;
}

/** What is older is written again rather than relied on: whoever prunes takes what was written lately for in use. */
const FRESH_MS = 3600_000;
const READS_AT_ONCE = 16;

export const PARQUET = 'application/vnd.apache.parquet';

type Batches = Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>;

/** Artifacts as Parquet files on this machine, for whoever reads and writes those himself. */
export interface TableFiles {
  /** Publishes files that hold a table's rows, in this order. They are taken away. */
  publishFiles(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    files: AsyncIterable<ParquetFile>,
  ): Promise<ArtifactRef>;
  /** The parts of a table, their hashes checked, in order. For reading only. */
  localParts(ref: ArtifactRef): Promise<readonly string[]>;
}

/** The artifacts of a store. */
export function openArtifacts(store: ObjectStore, options: ArtifactsOptions): ArtifactStore & TableFiles {
  return new Artifacts(store, options);
}

/** Where a blob of this content lies. */
export function blobKey(hash: Sha256): string {
  return `blobs/sha256/${hash.slice(0, 2)}/${hash}`;
}

/** Hash of an artifact's content: of its schema and its parts, not of where they lie. */
export function contentHash(manifest: Pick<Manifest, 'columns' | 'contentType' | 'parts'>): Sha256 {
  const { columns, contentType, parts } = manifest;
  return sha256(canonicalJson({ columns, contentType, parts: parts.map((part) => part.sha256) }));
}

class Artifacts implements ArtifactStore, TableFiles {
  private readonly parts: PartCache;

  constructor(
    private readonly store: ObjectStore,
    private readonly options: ArtifactsOptions,
  ) {
    const { scratchDirectory, cacheLimitBytes = 20 * 2 ** 30 } = options;
    this.parts = new PartCache(store, join(scratchDirectory, 'parts'), cacheLimitBytes);
  }

  async writeTable(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    batches: Batches,
  ): Promise<ArtifactRef> {
    return this.writeSections(kind, columns, [batches]);
  }

  async writeSections(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    sections: Iterable<Batches> | AsyncIterable<Batches>,
  ): Promise<ArtifactRef> {
    const directory = join(this.options.scratchDirectory, `write-${randomUUID()}`);
    const files = async function* (): AsyncIterable<ParquetFile> {
      for await (const section of sections) yield* writeParts(kind, directory, columns, section);
    };
    try {
      return await this.publishFiles(kind, columns, files());
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async joinTables(refs: readonly [ArtifactRef, ...ArtifactRef[]]): Promise<ArtifactRef> {
    const manifests = await concurrently(refs, READS_AT_ONCE, (ref) => this.manifest(ref));
    const { kind, columns, contentType } = manifests[0]!;
    const wanted = headOf(manifests[0]!);
    for (const [i, one] of manifests.entries()) {
      if (headOf(one) === wanted) continue;
      throw new RangeError(`${refs[i]!.key} can't be joined: it holds ${headOf(one)}, the first ${wanted}`);
    }
    return this.publish(
      kind,
      columns,
      contentType,
      manifests.flatMap(({ parts }) => parts),
    );
  }

  async publishFiles(
    kind: ArtifactKind,
    columns: readonly ColumnSpec[],
    files: AsyncIterable<ParquetFile>,
  ): Promise<ArtifactRef> {
    const parts: Part[] = [];
    for await (const { path, rows } of files) {
      const hash = await sha256OfFile(path);
      const { size } = await stat(path);
      const part = { key: blobKey(hash), sha256: hash, sizeBytes: size, rows };
      if (!(await this.isFresh(part))) await this.store.putFile(part.key, path);
      await rm(path);
      parts.push(part);
    }
    return this.publish(kind, [...columns], PARQUET, parts);
  }

  async localParts(ref: ArtifactRef): Promise<readonly string[]> {
    const { parts } = await this.manifest(ref);
    return Promise.all(parts.map((part) => this.parts.localPath(part)));
  }

  async *readTable(
    ref: ArtifactRef,
    { columns: names, rows = { from: 0, to: Infinity } }: ReadOptions = {},
  ): AsyncIterable<ColumnBatch> {
    const manifest = await this.manifest(ref);
    const columns = pick(manifest, names);
    let first = 0; // row of a part
    for (const part of manifest.parts) {
      const [from, to] = [rows.from - first, rows.to - first];
      first += part.rows;
      if (from >= part.rows || to <= 0) continue;
      yield* rowsBetween(readPart(manifest.kind, await this.parts.localPath(part), columns), from, to);
    }
  }

  async writeBlob(kind: ArtifactKind, bytes: Uint8Array, contentType: string): Promise<ArtifactRef> {
    const hash = sha256(bytes);
    const part = { key: blobKey(hash), sha256: hash, sizeBytes: bytes.length, rows: 0 };
    if ((await this.store.putIfAbsent(part.key, bytes)) === undefined && !(await this.isFresh(part))) {
      await this.store.put(part.key, bytes);
    }
    return this.publish(kind, [], contentType, [part]);
  }

  async readBlob(ref: ArtifactRef): Promise<Uint8Array> {
    const manifest = await this.manifest(ref);
    const [part, ...more] = manifest.parts;
    if (part === undefined || more.length > 0 || manifest.columns.length > 0) {
      throw new StoreError(`${ref.key} is a table: read it with readTable`);
    }
    const bytes = await this.fetch(part);
    const found = sha256(bytes);
    if (found !== part.sha256) {
      throw damaged(this.store, part, `is altered: expected SHA-256 ${part.sha256}, got ${found}`);
    }
    return bytes;
  }

  writeModel(tensors: readonly Tensor[]): Promise<ArtifactRef> {
    return this.writeTable('model', MODEL_COLUMNS, tensorBatches(tensors));
  }

  async readModel(ref: ArtifactRef): Promise<readonly Tensor[]> {
    return tensorsFromBatches(this.readTable(ref));
  }

  async manifest(ref: ArtifactRef): Promise<Manifest> {
    const manifest = this.parse(ref.key, await this.fetch(ref));
    if (manifest.sha256 !== ref.sha256 || contentHash(manifest) !== ref.sha256) {
      throw damaged(this.store, ref, `is altered: its content does not hash to ${ref.sha256}`);
    }
    return manifest;
  }

  async verify(ref: ArtifactRef, options: { readonly deep?: boolean } = {}): Promise<boolean> {
    try {
      const { parts } = await this.manifest(ref);
      for (const part of parts) {
        if (options.deep === true) await this.parts.localPath(part);
        else if ((await this.store.head(part.key))?.sizeBytes !== part.sizeBytes) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }

  /** Writes the manifest, last. */
  private async publish(
    kind: ArtifactKind,
    columns: ColumnSpec[],
    contentType: string,
    parts: Part[],
  ): Promise<ArtifactRef> {
    const hash = contentHash({ columns, contentType, parts });
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const manifest: Manifest = {
      formatVersion: MANIFEST_FORMAT,
      kind,
      sha256: hash,
      rows,
      columns,
      contentType,
      parts,
    };
    const key = `artifacts/${kind}/${hash}.json`;
    const body = Buffer.from(canonicalJson(manifest));
    if ((await this.store.putIfAbsent(key, body)) === undefined) {
      // It is there from earlier. Should it have been damaged since, this is the chance to mend it.
      const young = isYoung(await this.store.head(key));
      if (!young || !body.equals(await this.store.get(key))) await this.store.put(key, body);
    }
    return { kind, key, sha256: hash, rows };
  }

  /** Whether the store has this blob since lately, with the right bytes; else it is to be written again. */
  private async isFresh(part: Part): Promise<boolean> {
    const found = await this.store.head(part.key);
    if (found?.sizeBytes !== part.sizeBytes || !isYoung(found)) return false;
    try {
      await this.parts.localPath(part);
      return true;
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }

  private async fetch(object: { readonly key: string }): Promise<Uint8Array> {
    try {
      return await this.store.get(object.key);
    } catch (error) {
      throw error instanceof StoreError ? damaged(this.store, object, 'is missing', error) : error;
    }
  }

  private parse(key: string, bytes: Uint8Array): Manifest {
    let found: unknown;
    try {
      found = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      throw damaged(this.store, { key }, 'is altered: it is not JSON', error);
    }
    const version = (found as { formatVersion?: unknown }).formatVersion;
    if (version !== MANIFEST_FORMAT) {
      throw new StoreError(
        `${this.store.description}: ${key} has manifest format ${String(version)}, this Assay reads ${String(MANIFEST_FORMAT)}: ` +
          'use the Assay that wrote it, or make the artifact again',
      );
    }
    const parsed = Manifest.safeParse(found);
    if (!parsed.success) throw damaged(this.store, { key }, 'is altered: it is no manifest', parsed.error);
    return parsed.data;
  }
}

const isYoung = (object: StoredObject | undefined): boolean =>
  object !== undefined && Date.now() - object.modifiedAtMs < FRESH_MS;

/** What a table holds, in words. */
const headOf = ({ kind, columns, contentType }: Manifest): string =>
  `${kind} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}; ${contentType})`;

/** The wanted columns, in the wanted order. */
function pick(manifest: Manifest, names: readonly string[] | undefined): readonly ColumnSpec[] {
  if (manifest.columns.length === 0)
    throw new StoreError(`${manifest.kind} ${manifest.sha256} is a blob: read it with readBlob`);
  if (names === undefined) return manifest.columns;
  return names.map((name) => {
    const spec = manifest.columns.find((column) => column.name === name);
    if (spec !== undefined) return spec;
    const known = manifest.columns.map((column) => column.name).join(', ');
    throw new RangeError(
      `${manifest.kind} ${manifest.sha256.slice(0, 12)}: no column ${name}, it has ${known}`,
    );
  });
}
