import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { SharedSession, SqlValue } from '../contracts/store.js';
import { columnParts } from '../core/ingest/parts.js';
import type { SqlColumn } from '../core/sql/text.js';

/** Rows that an error names. */
export const EXAMPLES = 5;

/** Own columns, then features in the order of the settings, then the others by name: as DatasetBuilder's schema. */
export function datasetColumns(
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
): { readonly specs: ColumnSpec[]; readonly select: string[] } {
  const parts = columnParts(dataset).map(({ name }) => name);
  const named = columns.filter(({ name }) => parts.includes(name) && name !== 'id' && name !== 'split');
  const others = columns.filter(({ name }) => !parts.includes(name));
  others.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = [...named, ...others];
  return {
    specs: [
      { name: 'id', type: 'utf8' },
      { name: 'split', type: 'utf8' },
      ...rest.map(({ name, type }): ColumnSpec => ({ name, type })),
    ],
    select: ['id', 'side', ...rest.map(({ sql }) => sql)],
  };
}

/** @throws DataError where a row of the table `kept` has no time, and the split asks for one */
export async function refuseMissingTimes(
  session: SharedSession,
  columns: readonly SqlColumn[],
  { split }: DatasetConfig,
): Promise<void> {
  if (split.by !== 'time' && split.by !== 'lastOfGroup') return;
  const time = columns.find(({ name }) => name === 'event_time')!.sql;
  const [[before, missing] = []] = await session.query(
    `SELECT count(*) FILTER (WHERE id < first), min(first) FROM kept, (SELECT min(id) AS first FROM kept WHERE ${time} IS NULL)`,
  );
  if (missing === null) return;
  throw new DataError(
    `dataset.split: by time needs a time in every row, but row ${Number(before) + 1} has NaN: ` +
      'fill columns.time, or set clean.missing for it to drop',
  );
}

/** @param examples id, file and line of the first ones */
export function repeatedIds(
  { columns }: DatasetConfig,
  count: number,
  examples: readonly (readonly SqlValue[])[],
): DataError {
  const shown = examples.map(([id, uri, line]) => `"${String(id)}" (${String(uri)}, line ${String(line)})`);
  return new DataError(
    `${columns.id!}: ${count} rows repeat an id: ${shown.join(', ')}. Make ids unique, or set ` +
      'dataset.duplicateIds: quarantine | newest',
  );
}

/** What ingest tells of both tables, given how many rows fell to each side. */
export function settledOutput(
  read: number,
  sizes: ReadonlyMap<SqlValue | undefined, number>,
  table: ArtifactRef,
  aside: ArtifactRef,
): StageOutput {
  const kept = [...sizes.values()].reduce((sum, count) => sum + count, 0);
  if (table.rows !== kept || kept + aside.rows !== read) {
    throw new RangeError(`ingest: ${read} rows read, ${table.rows} kept, ${aside.rows} quarantined`);
  }
  const counts = Object.fromEntries(SPLITS.map((name) => [name, sizes.get(name) ?? 0]));
  return {
    outputs: { dataset: [table], quarantine: [aside] },
    figures: { read, kept, quarantined: aside.rows, ...counts },
  };
}
