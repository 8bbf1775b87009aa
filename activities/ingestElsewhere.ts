import type { DatasetConfig } from '../contracts/settings.js';
import type { StageOutput } from '../contracts/stage.js';
import type { SharedSession, StageContext } from '../contracts/store.js';
import { PLACES } from '../core/sql/places.js';
import { givenColumns, planJoins, requireJoined, type JoinShape } from '../core/ingest/joins.js';
import { planLayout, planLooseLayout } from '../core/ingest/layout.js';
import type { IngestedPart } from '../core/ingest/partHistory.js';
import { columnParts } from '../core/ingest/parts.js';
import {
  asideSql,
  joinTables,
  numberedSql,
  rawRecords,
  rightSql,
  runsSql,
  startsSql,
  type RawGroup,
} from '../core/ingest/rawSql.js';
import { RowColumns } from '../core/ingest/rowColumns.js';
import { madeRows } from '../core/ingest/rowSql.js';
import { sqlFunctions } from '../core/sql/functions.js';
import { type DatasetFiles, isParted } from './datasetFiles.js';
import { recordParts } from './ingestParts.js';
import { bytesReceived, filesSql, settling } from './ingestReading.js';
import { joinCounts, refuseRepeatedKeys } from './joinedLarge.js';
import { readRawParts, type RawFile, type RawPart } from './rawParts.js';
import { settleRows } from './settleElsewhere.js';

/**
 * What ingestLarge does, with another engine than this machine's: bytes become records here, one file after the other, and
 * are kept as they are; there, records are joined, become rows, and are settled.
 */
export async function ingestElsewhere(
  dataset: DatasetConfig,
  seed: number,
  files: DatasetFiles,
  context: StageContext & { readonly elsewhere: NonNullable<StageContext['elsewhere']> },
): Promise<StageOutput> {
  const { rows, joined } = await readAll(dataset, files, context);
  const all = [...rows, ...joined.flat()];
  const places = { rows: grouped(rows, 'rows', 0), joined: groupedJoins(rows.length, joined) };
  const inputs = Object.fromEntries([
    ...[places.rows, ...places.joined]
      .flat()
      .map(({ name, parts }) => [name, parts.map((part) => part.rows)]),
    ['allRuns', all.map(({ runs }) => runs)],
    ['allAside', all.map(({ aside }) => aside)],
  ]) as Record<string, RawPart['rows'][]>;
  const options = {
    ...{ inputs, placed: true },
    ...{ functions: sqlFunctions(seed), progress: settling(context) },
  };
  return context.elsewhere(options, async (session) => {
    await session.table('files', filesSql(files));
    for (const { name, select } of [startsSql(startsOf([rows, ...joined])), asideSql(PLACES)])
      await session.table(name, select);
    await session.table('runs', runsSql(0, rows.length, PLACES));
    const shapes = await lookUpAll(session, dataset, joined, places.joined);
    const columns = await makeRows(session, dataset, places.rows, shapes);
    const { outputs, figures } = await settleRows(session, columns, dataset, files.rows);
    const told = { ...figures, ...(await joinCounts(session, dataset.joins ?? [], [], 'numbered')) };
    if (!isParted(dataset, files)) return { outputs, figures: told };
    const recorded = await recordParts(dataset, await ingestedParts(session, rows, columns), context);
    return { outputs: { ...outputs, parts: [recorded.table] }, figures: { ...told, ...recorded.figures } };
  });
}

interface RawParts {
  readonly rows: readonly RawPart[];
  readonly joined: readonly (readonly RawPart[])[];
}

/** Joined tables first: they decide which columns rows have. */
async function readAll(
  dataset: DatasetConfig,
  files: DatasetFiles,
  context: StageContext,
): Promise<RawParts> {
  const received = bytesReceived(files, context);
  const joins = dataset.joins ?? [];
  const joinFiles = joins.flatMap((join, i) =>
    files.joined[i]!.map((file): RawFile => ({
      ...{ file, settings: join },
      check: (header, isLoose) => {
        if (!isLoose) requireJoined(file.uri, header, join);
      },
    })),
  );
  const rights = joinFiles.length > 0 ? [...(await readRawParts(joinFiles, context, received))] : [];
  const joined = joins.map((_, i) => rights.splice(0, files.joined[i]!.length));
  const shapes = joins.map((join, i) => shapeOf(join, joined[i]!));
  const parts = columnParts(dataset);
  const rowFiles = files.rows.map((file): RawFile => ({
    ...{ file, settings: dataset },
    check: (header, isLoose) => {
      const plan = planJoins(file.uri, header, shapes, isLoose);
      if (!isLoose) planLayout(file.uri, plan.header, parts);
    },
  }));
  return { rows: await readRawParts(rowFiles, context, received), joined };
}

const headerOf = (parts: readonly RawPart[]): readonly string[] => [
  ...new Set(parts.flatMap(({ header }) => header)),
];

const shapeOf = (join: JoinShape['join'], parts: readonly RawPart[]): JoinShape => ({
  join,
  columns: givenColumns(headerOf(parts), join),
});

interface PartGroup extends RawGroup {
  readonly isLoose: boolean;
  readonly parts: readonly RawPart[];
}

/** Parts of one header after the other; each group is an input of its own. */
function grouped(parts: readonly RawPart[], name: string, firstFile: number): PartGroup[] {
  const groups: (PartGroup & { readonly parts: RawPart[] })[] = [];
  let from = 0;
  for (const [at, part] of parts.entries()) {
    const { header, isLoose } = part;
    const last = groups.at(-1);
    const isSame = last?.isLoose === isLoose && JSON.stringify(last.header) === JSON.stringify(header);
    if (isSame) last.parts.push(part);
    else
      groups.push({
        name: `${name}${groups.length}`,
        header,
        isLoose,
        firstFile: firstFile + at,
        from,
        parts: [part],
      });
    from += part.rows.rows;
  }
  return groups;
}

function groupedJoins(rows: number, joined: RawParts['joined']): PartGroup[][] {
  let first = rows;
  return joined.map((parts, i) => {
    const groups = grouped(parts, `joined${i}in`, first);
    first += parts.length;
    return groups;
  });
}

/** Rows before each file, counted anew for each table. */
const startsOf = (tables: readonly (readonly RawPart[])[]): number[] =>
  tables.flatMap((parts) => {
    let before = 0;
    return parts.map(({ rows }) => (before += rows.rows) - rows.rows);
  });

async function lookUpAll(
  session: SharedSession,
  { joins = [] }: DatasetConfig,
  joined: RawParts['joined'],
  groups: readonly (readonly PartGroup[])[],
): Promise<JoinShape[]> {
  const shapes: JoinShape[] = [];
  for (const [i, join] of joins.entries()) {
    const header = headerOf(joined[i]!);
    const first = groups[i]![0]!.firstFile;
    const shape = shapeOf(join, joined[i]!);
    await session.table(`rights${i}`, runsSql(first, first + joined[i]!.length, PLACES));
    await session.view(`right${i}`, rightSql(groups[i]!, header, PLACES));
    const sqlOf = (name: string): string | undefined =>
      header.includes(name) ? `r${header.indexOf(name)}` : undefined;
    for (const { name, select } of joinTables(i, shape, sqlOf)) await session.table(name, select);
    if (join.duplicates === 'error') await refuseRepeatedKeys(session, i, join);
    shapes.push(shape);
  }
  return shapes;
}

/** Makes the table `numbered`. @returns its columns */
async function makeRows(
  session: SharedSession,
  dataset: DatasetConfig,
  groups: readonly PartGroup[],
  joins: readonly JoinShape[],
): Promise<RowColumns['all']> {
  const parts = columnParts(dataset);
  const columns = new RowColumns(parts);
  const made = groups.map((group) => {
    const uri = group.parts[0]!.file.uri;
    const plan = planJoins(uri, group.header, joins, group.isLoose);
    // Where nothing could be read at all, there is nothing to look for either.
    const isLoose = group.isLoose || group.header.length === 0;
    const layout = isLoose ? planLooseLayout(plan.header, parts) : planLayout(uri, plan.header, parts);
    return madeRows(rawRecords(group, PLACES), { dataset, parts, joins, plan, layout }, columns);
  });
  const matches = joins.map((_, i) => `m${i}`);
  const { name, select } = numberedSql(made, columns.all, matches);
  await session.table(name, select);
  return columns.all;
}

/** What each file gave. */
async function ingestedParts(
  session: SharedSession,
  parts: readonly RawPart[],
  columns: RowColumns['all'],
): Promise<IngestedPart[]> {
  const time = columns.find(({ name }) => name === 'event_time')?.sql ?? 'CAST(NULL AS DOUBLE)';
  const found = new Map(
    (
      await session.query(
        `SELECT file, count(*) FILTER (WHERE rule IS NULL), max(${time}) FROM numbered GROUP BY file`,
      )
    ).map(([file, rows, newest]) => [Number(file), { rows: Number(rows), newest }] as const),
  );
  return parts.map(({ file, sha256, isReused }, i) => {
    const { rows = 0, newest = null } = found.get(i) ?? {};
    return { uri: file.uri, sha256, rows, newestMs: newest === null ? undefined : Number(newest), isReused };
  });
}
