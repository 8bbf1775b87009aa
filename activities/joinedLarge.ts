import { DataError } from '../contracts/errors.js';
import type { JoinConfig } from '../contracts/joinSettings.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SharedSession, StageContext, TableSession } from '../contracts/store.js';
import {
  describedKey,
  givenColumns,
  joinFigures,
  joinKeys,
  repeatedKeys,
  requireJoined,
  type JoinCounts,
  type JoinShape,
} from '../core/ingest/joins.js';
import { joinTableSql } from '../core/ingest/joinSql.js';
import type { DatasetFiles } from './datasetFiles.js';
import type { FilePart } from './ingestParts.js';
import { SpooledFiles } from './spooledFiles.js';
import { TextTable } from './textTable.js';

const EXAMPLES = 5;

/**
 * Reads the tables that rows are joined with into a session, as join0, join1, …: what readJoinTables does in memory.
 *
 * @throws DataError as readJoinTables does
 */
export async function loadJoinTables(
  session: TableSession,
  { joins = [] }: DatasetConfig,
  { rows, joined }: DatasetFiles,
  options: Pick<StageContext, 'signal'> & { readonly received: (bytes: number) => void },
): Promise<JoinShape[]> {
  const shapes: JoinShape[] = [];
  let index = rows.length;
  for (const [i, join] of joins.entries()) {
    const table = new TextTable(session, `right${i}`);
    const spooled = new SpooledFiles(session, join, `rights${i}`);
    await table.create();
    await spooled.create();
    for (const file of joined[i]!) {
      const header = await spooled.read(index++, file, options, (found) => table.insert(found));
      if (header === undefined) continue;
      await table.columns(header);
      requireJoined(file.uri, header, join);
    }
    const shape = { join, columns: givenColumns(table.header, join) };
    for (const sql of joinTableSql(i, shape, (name) => table.sqlOf(name))) await session.run(sql);
    if (join.duplicates === 'error') await refuseRepeatedKeys(session, i, join);
    shapes.push(shape);
  }
  return shapes;
}

export async function refuseRepeatedKeys(session: SharedSession, i: number, join: JoinConfig): Promise<void> {
  const [[count] = []] = await session.query(`SELECT count(*) FROM twice${i}`);
  if (Number(count) === 0) return;
  const names = joinKeys(join).map((_, k) => `keys${i}.k${k}`);
  const first = await session.query(
    `SELECT place, ${names.join(', ')} FROM twice${i} JOIN keys${i} ON keys${i}.row = twice${i}.row
     ORDER BY twice${i}.row LIMIT ${EXAMPLES}`,
  );
  const shown = first.map(([place, ...keys]) => `${describedKey(join, keys as string[])} (${String(place)})`);
  throw new DataError(repeatedKeys(join, Number(count), shown));
}

/**
 * Figures of the joins, from the tables right0, … and `rows`.
 *
 * @param parts rows that were kept as they are joined: their parts have counted them
 */
export async function joinCounts(
  session: SharedSession,
  joins: readonly JoinConfig[],
  parts: readonly FilePart[],
  rowsTable = 'rows',
): Promise<Record<string, number>> {
  const counts: JoinCounts[] = [];
  for (const i of joins.keys()) {
    const [[rows, all] = []] = await session.query(
      `SELECT CAST(coalesce(sum(times), 0) AS BIGINT), (SELECT count(*) FROM right${i}) FROM keys${i}`,
    );
    const found = new Map(
      (await session.query(`SELECT m${i}, count(*) FROM ${rowsTable} GROUP BY 1`)) as [string, bigint][],
    );
    const inParts = (word: string): number =>
      parts.reduce((sum, { kept }) => sum + Number(kept?.figures[`m${i}.${word}`] ?? 0), 0);
    const of = (word: string): number => Number(found.get(word) ?? 0) + inParts(word);
    counts.push({
      ...{ rows: Number(rows), withoutKey: Number(all) - Number(rows) },
      ...{ matched: of('matched'), unmatched: of('unmatched'), ambiguous: of('ambiguous') },
    });
  }
  return joinFigures(joins, counts);
}
