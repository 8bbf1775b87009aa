import type { DatasetConfig } from '../../contracts/settings.js';
import type { SplitConfig } from '../../contracts/splitSettings.js';
import { SPLITS } from '../../contracts/prepared.js';
import { checkShares } from '../split.js';
import { keepsGroups } from './assignSplit.js';
import { rowJsonSql, numberSql, textSql, type SqlColumn } from '../sql/text.js';

const NONE = 'CAST(NULL AS VARCHAR)';

/** Side of a position in [0, 1), as sideOf. */
function sideAt(position: string, [train, validation, test]: readonly [number, number, number]): string {
  const isValidation = test === 0 ? 'true' : `${position} < ${numberSql(train + validation)}`;
  return `CASE WHEN ${position} < ${numberSql(train)} THEN 'train' WHEN ${isValidation} THEN 'validation' ELSE 'test' END`;
}

/** Side of a row where the row alone decides it (hash, column); NULL where all rows do. */
export function hashedSide(split: SplitConfig, columns: readonly SqlColumn[], id: string): string {
  const column = (name: string): string | undefined => columns.find((one) => one.name === name)?.sql;
  if (split.by === 'column') {
    const cases = SPLITS.map((side) => `WHEN ${textSql(split[side])} THEN ${textSql(side)}`);
    return `CASE ${column('split')!} ${cases.join(' ')} END`;
  }
  if (split.by !== 'hash') return NONE;
  checkShares(split.shares);
  const group = keepsGroups(split) ? column('group') : undefined;
  const key = group === undefined ? id : `coalesce(${group}, ${id})`;
  return sideAt(`split_hash(${key}) / 4294967296.0`, split.shares);
}

/** SELECT of row and side of the table `kept` (row, id, and the columns of rows), where all rows decide them. */
export function rankedSides(split: SplitConfig, columns: readonly SqlColumn[]): string | undefined {
  const column = (name: string): string | undefined => columns.find((one) => one.name === name)?.sql;
  const time = column('event_time')!;
  const group = keepsGroups(split) ? column('group') : undefined;
  const own = group && `CASE WHEN ${group} IS NULL THEN 'id:' || id ELSE 'group:' || ${group} END`;
  if (split.by === 'lastOfGroup') {
    const [test, heldOut] = [split.test, split.test + split.validation];
    const back = `dense_rank() OVER (PARTITION BY ${own!} ORDER BY ${time} DESC)`;
    return `SELECT row, CASE WHEN max(back) OVER (PARTITION BY own) <= ${heldOut} THEN 'train' WHEN back <= ${test} THEN 'test'
      WHEN back <= ${heldOut} THEN 'validation' ELSE 'train' END AS side FROM (SELECT row, ${own!} AS own, ${back} AS back FROM kept)`;
  }
  if (split.by === 'time') {
    checkShares(split.shares);
    const standing = own ? `max(${time}) OVER (PARTITION BY ${own})` : time;
    const position = 'CAST(rank() OVER (ORDER BY standing) - 1 AS DOUBLE) / count(*) OVER ()';
    return `SELECT row, ${sideAt('position', split.shares)} AS side FROM (
      SELECT row, ${position} AS position FROM (SELECT row, ${standing} AS standing FROM kept))`;
  }
  if (split.by !== 'stratified') return undefined;
  checkShares(split.shares);
  const [train, validation, test] = split.shares;
  const below = (share: number): string => `floor(${numberSql(share)} * n + 1e-9)`;
  const isValidation = test === 0 ? 'true' : `i < ${below(train)} + ${below(validation)}`;
  return `SELECT row, CASE WHEN i < ${below(train)} THEN 'train' WHEN ${isValidation} THEN 'validation' ELSE 'test' END AS side FROM (
    SELECT row, row_number() OVER (PARTITION BY ${column('target')!} ORDER BY split_hash(id), id) - 1 AS i,
      count(*) OVER (PARTITION BY ${column('target')!}) AS n FROM kept)`;
}

/** Ids of several rows. Few have a hash that others have, too: only those are compared in full. */
const REPEATED = `CREATE TABLE repeated AS SELECT id FROM rows WHERE rule IS NULL AND hash(id) IN (
    SELECT hash(id) AS h FROM rows WHERE rule IS NULL GROUP BY h HAVING count(*) > 1)
  GROUP BY id HAVING count(*) > 1`;

/** Which rows of equal id leave: statements that make the table `dropped` (row, rule, kept) of the table `rows`. */
export function dropRepeatedIds(
  rule: DatasetConfig['duplicateIds'],
  columns: readonly SqlColumn[],
): string[] {
  const column = (name: string): string | undefined => columns.find((one) => one.name === name)?.sql;
  const among = 'FROM rows WHERE rule IS NULL AND id IN (SELECT id FROM repeated)';
  const newest = `first_value(rowid) OVER (PARTITION BY id ORDER BY coalesce(${column('event_time') ?? '0'}, '-Infinity'::DOUBLE) DESC, rowid DESC)`;
  const conflict = `min(${column('target')!}) OVER w <> max(${column('target')!}) OVER w`;
  const found =
    rule === 'newest'
      ? `SELECT rowid AS row, false AS conflict, ${newest} AS kept ${among}`
      : `SELECT rowid AS row, ${conflict} AS conflict, min(rowid) OVER w AS kept ${among} WINDOW w AS (PARTITION BY id)`;
  return [
    REPEATED,
    `CREATE TABLE dropped AS SELECT row, CASE WHEN conflict THEN 'conflicting_id' ELSE 'duplicate_id' END AS rule,
       CASE WHEN NOT conflict THEN kept END AS kept FROM (${found}) WHERE conflict OR row <> kept`,
  ];
}

/** Further rows of equal content get their number behind the hash, which is their id. */
export function numberCopies(split: SplitConfig, columns: readonly SqlColumn[]): string[] {
  const side = hashedSide(
    split,
    columns.map((column) => ({ ...column, sql: `rows.${column.sql}` })),
    'copies.id',
  );
  return [
    REPEATED,
    'CREATE TABLE dropped (row BIGINT, rule VARCHAR, kept BIGINT)',
    `UPDATE rows SET id = copies.id, side = ${side} FROM (
       SELECT row, id || '-' || n AS id FROM (
         SELECT rowid AS row, id, row_number() OVER (PARTITION BY id ORDER BY rowid) AS n
         FROM rows WHERE rule IS NULL AND id IN (SELECT id FROM repeated)) WHERE n > 1) AS copies
     WHERE rows.rowid = copies.row`,
  ];
}

/** SELECT of the table `quarantine`, in reading order. @param idColumn as the user calls it */
export function quarantineSelect(columns: readonly SqlColumn[], idColumn: string): string {
  const place = (picked: string): string =>
    `SELECT picked.*, runs.file, runs.line + picked.row - runs.row AS line FROM (${picked}) AS picked ASOF JOIN runs ON picked.row >= runs.row`;
  const refused = 'SELECT rowid AS row, rule, reason, record FROM rows WHERE rule IS NOT NULL';
  const gone = `SELECT rows.rowid AS row, dropped.rule AS rule, dropped.kept, rows.* EXCLUDE (rule, reason, record) FROM rows JOIN dropped ON rows.rowid = dropped.row`;
  return quarantineOf({ refused, gone }, place, columns, idColumn);
}

/**
 * The same on any engine, out of the tables `aside`, `dropped` and `files`.
 *
 * @param from SELECTs of what can't be read (row, rule, reason, record), and of what left (row, id, rule, kept, and the columns)
 * @param place SELECT of what another one gives, which has a column `row`, with file and line of each
 */
export function quarantineOf(
  from: { readonly refused: string; readonly gone: string },
  place: (picked: string) => string,
  columns: readonly SqlColumn[],
  idColumn: string,
): string {
  const reason = `CASE WHEN rule = 'conflicting_id' THEN ${textSql(`${idColumn}: the rows with id "`)} || id || '" disagree on the target'
    ELSE ${textSql(`${idColumn}: id "`)} || id || '" is also at ' || kept_uri || ', line ' || CAST(kept_line AS VARCHAR) || ', which stays' END`;
  const kept = place('SELECT DISTINCT kept AS row FROM dropped WHERE kept IS NOT NULL');
  return `SELECT found.id, files.uri, CAST(found.line AS DOUBLE), 'ingest', found.rule, found.reason, found.record FROM (
      SELECT ${NONE} AS id, file, line, rule, reason, record FROM aside
      UNION ALL SELECT ${NONE}, file, line, rule, reason, record FROM (${place(from.refused)})
      UNION ALL SELECT id, file, line, rule, ${reason}, ${rowJsonSql(columns)} FROM (
        SELECT gone.*, files.uri AS kept_uri, places.line AS kept_line FROM (${place(from.gone)}) AS gone
        LEFT JOIN (${kept}) AS places ON gone.kept = places.row LEFT JOIN files ON places.file = files.file)
    ) AS found JOIN files ON found.file = files.file ORDER BY found.file, found.line`;
}
