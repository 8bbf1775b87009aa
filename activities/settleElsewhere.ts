import type { ColumnSpec } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { SharedSession, SourceFile } from '../contracts/store.js';
import { columnParts } from '../core/ingest/parts.js';
import {
  dropRepeatedIds,
  lastOfSides,
  numberCopies,
  placed,
  quarantineSelect,
  standings,
  standingSides,
  stratifiedSides,
} from '../core/ingest/settleElsewhere.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import type { SqlColumn } from '../core/sql/text.js';
import { checkMatched, checkReadable, nothingLeft, type ReadTables } from './ingestChecks.js';

const EXAMPLES = 5;
const TABLES: ReadTables = {
  aside: `SELECT files.uri, found.line, found.reason, found.rule FROM (
    SELECT file, line, rule, reason FROM aside
    UNION ALL SELECT file, line, rule, reason FROM (${placed('SELECT row, rule, reason FROM numbered WHERE rule IS NOT NULL')})
  ) AS found JOIN files ON found.file = files.file`,
  rules: 'SELECT rule FROM numbered UNION ALL SELECT rule FROM aside',
};

/**
 * Settles ids and sides of all rows that were read, and writes what stays and what is put aside. Of the session's tables:
 * `files` (file, uri), `aside` (file, line, rule, reason, record), `runs` (row, file, line) and `numbered` (row, id,
 * side, rule, reason, record, and the columns).
 *
 * @throws DataError where the data can't be used
 */
export async function settleRows(
  session: SharedSession,
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
  files: readonly SourceFile[],
): Promise<StageOutput> {
  await checkMatched(session, dataset, TABLES);
  const read = await checkReadable(session, dataset, files, TABLES);
  const hasId = columnParts(dataset).some(({ name }) => name === 'id');
  const { tables, kept } = hasId
    ? dropRepeatedIds(dataset.duplicateIds, columns)
    : numberCopies(dataset.split, columns);
  for (const { name, select } of tables) await session.table(name, select);
  await refuseRepeated(session, dataset);
  await session.view('kept', kept);
  return writeOut(session, columns, dataset, read);
}

async function refuseRepeated(session: SharedSession, dataset: DatasetConfig): Promise<void> {
  if (dataset.duplicateIds !== 'error') return;
  const [[count] = []] = await session.query('SELECT count(*) FROM dropped');
  if (Number(count) === 0) return;
  const examples = await session.query(
    `SELECT found.id, files.uri, found.line FROM (${placed(
      `SELECT dropped.row, numbered.id FROM dropped JOIN numbered ON numbered.row = dropped.row ORDER BY dropped.row LIMIT ${EXAMPLES}`,
    )}) AS found JOIN files ON files.file = found.file ORDER BY found.row`,
  );
  const shown = examples.map(([id, uri, line]) => `"${String(id)}" (${String(uri)}, line ${String(line)})`);
  throw new DataError(
    `${dataset.columns.id!}: ${Number(count)} rows repeat an id: ${shown.join(', ')}. Make ids unique, or set ` +
      'dataset.duplicateIds: quarantine | newest',
  );
}

async function writeOut(
  session: SharedSession,
  columns: readonly SqlColumn[],
  dataset: DatasetConfig,
  read: number,
): Promise<StageOutput> {
  await refuseMissingTimes(session, columns, dataset);
  const isRanked = await rankSides(session, columns, dataset.split);
  const side = isRanked ? 'sides.side' : 'kept.side';
  const from = isRanked ? 'kept JOIN sides ON kept.row = sides.row' : 'kept';
  const sizes = new Map(
    (await session.query(`SELECT ${side}, count(*) FROM ${from} GROUP BY 1`)).map(
      ([name, count]) => [name, Number(count)] as const,
    ),
  );
  const kept = [...sizes.values()].reduce((sum, count) => sum + count, 0);
  if (kept === 0) throw new DataError(await nothingLeft(session, read, TABLES));
  const { specs, select } = datasetColumns(columns, dataset);
  const values = select.map((name) => (name === 'side' ? side : `kept.${name}`));
  const table = await session.write(
    'dataset',
    specs,
    `SELECT ${values.join(', ')} FROM ${from} ORDER BY kept.id`,
  );
  const aside = await session.write(
    'quarantine',
    QUARANTINE_COLUMNS,
    quarantineSelect(columns, dataset.columns.id ?? ''),
  );
  if (table.rows !== kept || kept + aside.rows !== read) {
    throw new RangeError(`ingest: ${read} rows read, ${table.rows} kept, ${aside.rows} quarantined`);
  }
  const counts = SPLITS.map((name) => [name, sizes.get(name) ?? 0]);
  return {
    outputs: { dataset: [table], quarantine: [aside] },
    figures: {
      read,
      kept,
      quarantined: aside.rows,
      ...(Object.fromEntries(counts) as Record<string, number>),
    },
  };
}

/** Makes the table `sides` where all rows decide on which side each is. @returns whether they do */
async function rankSides(
  session: SharedSession,
  columns: readonly SqlColumn[],
  split: DatasetConfig['split'],
): Promise<boolean> {
  if (split.by === 'stratified') {
    await session.table('sides', stratifiedSides(split, columns));
    return true;
  }
  if (split.by !== 'time') return false;
  await session.table('standings', standings(split, columns));
  let last: readonly number[] = [];
  const found = await session.ranked('SELECT standing FROM standings', (count) => {
    last = lastOfSides(split, count);
    return last.map((position) => Math.max(0, position));
  });
  await session.table('sides', standingSides(last.map((position, i) => (position < 0 ? null : found[i]!))));
  return true;
}

/** Own columns, then features in the order of the settings, then the others by name: as DatasetBuilder's schema. */
function datasetColumns(
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

async function refuseMissingTimes(
  session: SharedSession,
  columns: readonly SqlColumn[],
  { split }: DatasetConfig,
): Promise<void> {
  if (split.by !== 'time') return;
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
