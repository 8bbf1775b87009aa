import type { ArtifactKind } from '../contracts/artifact.js';
import { SPLITS } from '../contracts/prepared.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { concurrently } from '../core/concurrently.js';
import type { Inventory, ListedArtifact } from './inventory.js';

const READS_AT_ONCE = 4;
/** Tables whose rows are samples under their own ids. */
const WITH_IDS: readonly ArtifactKind[] = ['dataset', 'quarantine', 'samples'];

/** A table that holds a sample. */
export interface Holder {
  readonly artifact: ListedArtifact;
  readonly rows: number;
  /** The side it is on; undefined where the table has no sides. */
  readonly split: string | undefined;
}

/** Which tables hold a sample, of all those whose rows have ids. */
export interface Search {
  readonly holders: readonly Holder[];
  /** Keys of the tables that were looked through. */
  readonly examined: ReadonlySet<string>;
}

/** Looks for a sample in every table that has ids, reading only their ids and sides. */
export async function findSample(
  store: ArtifactStore,
  { artifacts }: Inventory,
  id: string,
  tell: (done: number, total: number) => void = () => undefined,
): Promise<Search> {
  const tables = [...artifacts.values()].filter(
    ({ ref, manifest }) =>
      WITH_IDS.includes(ref.kind) &&
      manifest.columns.some(({ name, type }) => name === 'id' && type === 'utf8'),
  );
  let done = 0;
  const found = await concurrently(tables, READS_AT_ONCE, async (artifact) => {
    const holder = await holderOf(store, artifact, id);
    tell(++done, tables.length);
    return holder === undefined ? [] : [holder];
  });
  return { holders: found.flat(), examined: new Set(tables.map(({ ref }) => ref.key)) };
}

async function holderOf(
  store: ArtifactStore,
  artifact: ListedArtifact,
  id: string,
): Promise<Holder | undefined> {
  const columns = ['id', 'split', 'record'].filter((name) =>
    artifact.manifest.columns.some((column) => column.name === name),
  );
  let rows = 0;
  let split: string | undefined;
  for await (const batch of store.readTable(artifact.ref, { columns })) {
    for (const row of rowsOf(batch, id)) {
      rows++;
      split = sideOf(batch, row);
    }
  }
  return rows === 0 ? undefined : { artifact, rows, split };
}

/** Rows of a sample: by id; and records that could not be read, and so have no id, but have it in a cell. */
export function* rowsOf({ rows, columns }: ColumnBatch, id: string): Iterable<number> {
  const ids = columns['id'] as readonly (string | null)[];
  const records = columns['record'] as readonly (string | null)[] | undefined;
  for (let row = 0; row < rows; row++) {
    if (ids[row] === id || (ids[row] === null && hasCell(records?.[row] ?? '', id))) yield row;
  }
}

/** Records are JSON objects or raw lines. */
function hasCell(record: string, id: string): boolean {
  if (!record.includes(id)) return false;
  try {
    const cells: unknown = JSON.parse(record);
    if (typeof cells === 'object' && cells !== null)
      return Object.values(cells).some((cell) => String(cell) === id);
  } catch {
    // A raw line.
  }
  return record.split(/[,;\t|]/).some((cell) => cell.trim().replace(/^"(.*)"$/s, '$1') === id);
}

/** By name in datasets, by number in samples. */
function sideOf({ columns: { split } }: ColumnBatch, row: number): string | undefined {
  if (split instanceof Int32Array) return SPLITS[split[row]!];
  return Array.isArray(split) ? ((split as readonly (string | null)[])[row] ?? undefined) : undefined;
}
