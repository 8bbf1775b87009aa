import { createHash } from 'node:crypto';
import type { ArtifactKind, ArtifactRef, ColumnSpec, Manifest } from '../../contracts/artifact.js';
import { StoreError } from '../../contracts/errors.js';
import type { ArtifactStore } from '../../contracts/store.js';
import type { Column, ColumnBatch, VectorColumn } from '../../contracts/table.js';
import { rowsBetween } from '../../core/table.js';

interface Held {
  readonly manifest: Manifest;
  readonly batches: readonly ColumnBatch[];
  readonly bytes: Uint8Array;
}

/** Fake ArtifactStore: keeps everything in this process, checks column types, and hashes rows whatever the batches. */
export function memoryArtifacts(): ArtifactStore {
  const held = new Map<string, Held>();
  const find = (ref: ArtifactRef): Held => {
    const found = held.get(ref.key);
    if (!found) throw new StoreError(`${ref.key}: not in the store`);
    return found;
  };
  const keep = (
    kind: ArtifactKind,
    sha256: string,
    rows: number,
    rest: Omit<Held, 'manifest'>,
    head: Head,
  ) => {
    const key = `artifacts/${kind}/${sha256}.json`;
    const part = { key: `parts/${sha256}`, sha256, sizeBytes: rest.bytes.length, rows };
    held.set(key, { ...rest, manifest: { formatVersion: 1, kind, sha256, rows, parts: [part], ...head } });
    return { kind, key, sha256, rows };
  };
  const store: ArtifactStore = {
    async writeSections(kind, columns, sections) {
      const all = async function* () {
        for await (const section of sections) yield* section;
      };
      return store.writeTable(kind, columns, all());
    },
    async joinTables(refs) {
      const { kind, columns } = find(refs[0]).manifest;
      return store.writeTable(
        kind,
        columns,
        refs.flatMap((ref) => find(ref).batches),
      );
    },
    async writeTable(kind, columns, batches) {
      const kept: ColumnBatch[] = [];
      const hash = createHash('sha256').update(JSON.stringify(columns));
      let rows = 0;
      for await (const batch of batches) {
        checkBatch(kind, columns, batch);
        for (let row = 0; row < batch.rows; row++) {
          for (const { name } of columns) hash.update(`${cellText(batch.columns[name]!, row)}\u001f`);
        }
        kept.push(batch);
        rows += batch.rows;
      }
      const head = { columns: [...columns], contentType: 'application/vnd.apache.parquet' };
      return keep(kind, hash.digest('hex'), rows, { batches: kept, bytes: new Uint8Array() }, head);
    },
    async *readTable(ref, options) {
      const { manifest, batches } = find(ref);
      const names = options?.columns ?? manifest.columns.map((column) => column.name);
      const { from, to } = options?.rows ?? { from: 0, to: Infinity };
      for await (const batch of rowsBetween(batches, from, to)) {
        yield {
          rows: batch.rows,
          columns: Object.fromEntries(names.map((name) => [name, pick(ref, batch, name)])),
        };
      }
    },
    writeBlob(kind, bytes, contentType) {
      const sha256 = createHash('sha256').update(contentType).update('\n').update(bytes).digest('hex');
      return Promise.resolve(keep(kind, sha256, 0, { batches: [], bytes }, { columns: [], contentType }));
    },
    readBlob: async (ref) => find(ref).bytes,
    writeModel: (tensors) => {
      const plain = tensors.map(({ name, shape, data }) => ({
        name,
        shape,
        type: data.constructor.name,
        data: [...data],
      }));
      const bytes = Buffer.from(JSON.stringify(plain));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return Promise.resolve(
        keep('model', sha256, tensors.length, { batches: [], bytes }, { columns: [], contentType: 'fake' }),
      );
    },
    readModel: async (ref) => {
      const plain = JSON.parse(Buffer.from(find(ref).bytes).toString()) as {
        name: string;
        shape: number[];
        type: string;
        data: number[];
      }[];
      const arrays = { Float64Array, Float32Array, Int32Array };
      return plain.map(({ name, shape, type, data }) => ({
        name,
        shape,
        data: arrays[type as keyof typeof arrays].from(data),
      }));
    },
    manifest: async (ref) => find(ref).manifest,
    verify: (ref) => Promise.resolve(held.has(ref.key)),
  };
  return store;
}

/** All rows of a table as objects: for assertions on small tables. */
export async function tableRows(store: ArtifactStore, ref: ArtifactRef): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const batch of store.readTable(ref)) {
    for (let row = 0; row < batch.rows; row++) {
      const entries = Object.entries(batch.columns);
      rows.push(Object.fromEntries(entries.map(([name, column]) => [name, cell(column, row)])));
    }
  }
  return rows;
}

type Head = Pick<Manifest, 'columns' | 'contentType'>;

const isVector = (column: Column): column is VectorColumn => 'width' in column;

function cell(column: Column, row: number): unknown {
  if (!isVector(column)) return column[row];
  return Array.from(column.values.subarray(row * column.width, (row + 1) * column.width));
}

function cellText(column: Column, row: number): string {
  const value = cell(column, row);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function pick(ref: ArtifactRef, batch: ColumnBatch, name: string): Column {
  const column = batch.columns[name];
  if (!column) throw new StoreError(`${ref.key}: no column "${name}"`);
  return column;
}

const HOLDS: Record<ColumnSpec['type'], (column: Column) => boolean> = {
  bytes: (column) => Array.isArray(column),
  utf8: (column) => Array.isArray(column) && column.every((v) => v === null || typeof v === 'string'),
  bool: (column) => column instanceof Uint8Array,
  int32: (column) => column instanceof Int32Array,
  int64: (column) => column instanceof BigInt64Array,
  float32: (column) => column instanceof Float32Array,
  float64: (column) => column instanceof Float64Array,
  'float64[]': (column) => isVector(column) && column.values instanceof Float64Array,
};

function checkBatch(kind: ArtifactKind, columns: readonly ColumnSpec[], batch: ColumnBatch): void {
  for (const { name, type } of columns) {
    const column = batch.columns[name];
    if (!column) throw new RangeError(`${kind}: a batch without column "${name}"`);
    if (!HOLDS[type](column)) throw new RangeError(`${kind}.${name}: expected ${type}`);
    const length = isVector(column) ? column.values.length / column.width : column.length;
    if (length !== batch.rows) throw new RangeError(`${kind}.${name}: ${length} values, ${batch.rows} rows`);
  }
  const unknown = Object.keys(batch.columns).find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) throw new RangeError(`${kind}: column "${unknown}" is not in the schema`);
}
