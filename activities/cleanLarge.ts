import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import type { CleanConfig, DatasetConfig } from '../contracts/settings.js';
import type { Artifacts, Figures, StageOutput } from '../contracts/stage.js';
import type { SharedSession, SqlValue, StageContext, TableSession } from '../contracts/store.js';
import { cleanTable } from '../core/cleaning/cleanTable.js';
import { emptySide, unknownTargetsFigure, singleTarget } from '../core/cleaning/leftOver.js';
import { cleaningPlan, type CleaningPlan, type CleaningStep } from '../core/cleaning/plan.js';
import {
  clipValues,
  columnOf,
  dropOutliers,
  dropRows,
  fillCells,
  planFunctions,
  updateSql,
  type Change,
  TRAINING,
  type Layer,
} from '../core/cleaning/planSql.js';
import { fittedLimits, quantileRank, type Limits } from '../core/cleaning/outliers.js';
import { WorkTable } from '../core/cleaning/workTable.js';
import { checkContract } from '../core/contract/checkContract.js';
import { sqlFunctions } from '../core/sql/functions.js';
import { jsonObjectSql, nameSql, numberSql, textSql, type SqlColumn } from '../core/sql/text.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import { contractResults } from './contractLarge.js';

/**
 * What clean does, for a table that is larger than memory: the same rows, limits and quarantine, worked out by the database.
 *
 * @throws DataError, ConfigError as clean does
 */
export async function cleanLarge(
  { dataset, clean }: { readonly dataset: DatasetConfig; readonly clean: CleanConfig },
  inputs: Artifacts,
  columns: readonly ColumnSpec[],
  context: StageContext,
): Promise<StageOutput> {
  const plan = checkedPlan({ dataset, clean }, columns);
  const options = {
    inputs: { work: inputs['dataset']!, earlier: inputs['quarantine']! },
    functions: [...sqlFunctions(0), ...planFunctions(plan.steps)],
    progress: (share: number) => context.progress({ done: share, total: 1, unit: 'of a scan' }),
  };
  return context.withTables(options, async (session) => {
    const layer = await layerOf(session, columns);
    const contract = await contractResults(session, layer, plan, dataset.maxUnreadable);
    const figures = await applySteps(session, layer, plan);
    const found = await dropRepeats(session, layer, plan);
    return writeOut(
      session,
      layer,
      { columns, dataset, contract, figures: { ...figures, ...found }, unchanged: unchangedBy(plan, inputs) },
      context,
      (values) =>
        session.writeRows('dataset', columns, { table: layer.table, values, where: 'rule IS NULL' }),
    );
  });
}

/** The plan for a table of these columns. @throws ConfigError, DataError as in memory: over a table without rows */
export function checkedPlan(
  { dataset, clean }: { readonly dataset: DatasetConfig; readonly clean: CleanConfig },
  columns: readonly ColumnSpec[],
): CleaningPlan {
  const none = new WorkTable(columns, []);
  checkContract(none, dataset.columns, dataset.contract, 1);
  cleanTable(none, dataset.columns, clean);
  return cleaningPlan(dataset.columns, dataset.contract, clean);
}

/** The table that steps work on, in place: each row is copied once only, and keeps its order. */
async function layerOf(session: TableSession, specs: readonly ColumnSpec[]): Promise<Layer> {
  const columns = specs.map(({ name, type }, i): SqlColumn => ({
    name,
    type: type === 'float64' ? type : 'utf8',
    sql: `c${i}`,
  }));
  const named = columns.map(({ name, sql }) => `${nameSql(name)} AS ${sql}`).join(', ');
  const none = 'CAST(NULL AS VARCHAR)';
  await session.run(
    `CREATE TABLE cleaning AS SELECT "split" AS side, ${named}, ${none} AS rule, ${none} AS reason FROM work`,
  );
  return { table: 'cleaning', columns };
}

async function applySteps(session: TableSession, layer: Layer, { steps }: CleaningPlan): Promise<Figures> {
  const figures: Record<string, number | string> = {};
  for (const [index, step] of steps.entries()) {
    if (step.do === 'drop') {
      await session.run(updateSql(layer, dropRows(layer, step, index)));
    } else if (step.do === 'limit') {
      const limits = await fitLimits(session, layer, step);
      if (limits === undefined) continue;
      figures[`${step.rule.column}.low`] = limits.low;
      figures[`${step.rule.column}.high`] = limits.high;
      await session.run(updateSql(layer, limitedBy(layer, step, limits)));
    } else {
      const fill = await fitFill(session, layer, step.column);
      if (fill === undefined) continue;
      figures[`${step.called}.imputed`] = fill;
      await session.run(updateSql(layer, fillCells(layer, step.column, fill)));
    }
  }
  return figures;
}

/** What becomes of values outside of the limits. */
export const limitedBy = (
  layer: Layer,
  step: Extract<CleaningStep, { do: 'limit' }>,
  limits: Limits,
): Change =>
  step.rule.action === 'clip' ? clipValues(layer, step.column, limits) : dropOutliers(layer, step, limits);

/** Quantiles of an expression over the training rows: the values that stand at their ranks. */
function quantiles(
  session: SharedSession,
  layer: Layer,
  value: string,
  shares: readonly number[],
): Promise<readonly number[]> {
  const among = `FROM ${layer.table} WHERE ${TRAINING} AND ${value} IS NOT NULL`;
  return session.ranked(`SELECT ${value} ${among}`, (count) =>
    shares.map((share) => quantileRank(share, count)),
  );
}

/** @returns undefined where there is nothing to tell outliers by */
export async function fitLimits(
  session: SharedSession,
  layer: Layer,
  { column, rule }: { readonly column: string; readonly rule: CleanConfig['outliers'][number] },
): Promise<Limits | undefined> {
  const { sql } = columnOf(layer, column);
  const shares = { iqr: [0.25, 0.75], mad: [0.5], quantile: [rule.factor, 1 - rule.factor] }[rule.method];
  const found = await quantiles(session, layer, sql, shares);
  const [median] = found;
  if (median === undefined) return undefined;
  const spread =
    rule.method === 'mad' ? await quantiles(session, layer, `abs(${sql} - ${numberSql(median)})`, [0.5]) : [];
  return fittedLimits(rule, [...found, ...spread]);
}

/** The median or the most frequent value of the training rows; undefined where there is none. */
export async function fitFill(
  session: SharedSession,
  layer: Layer,
  name: string,
): Promise<number | string | undefined> {
  const column = columnOf(layer, name);
  if (column.type === 'float64') return (await quantiles(session, layer, column.sql, [0.5]))[0];
  const [found] = await session.query(
    `SELECT ${column.sql} FROM ${layer.table} WHERE ${TRAINING} AND ${column.sql} IS NOT NULL
     GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`,
  );
  return found === undefined ? undefined : String(found[0]);
}

/** Drops training rows that an earlier one equals; counts what is only reported. */
async function dropRepeats(
  session: TableSession,
  layer: Layer,
  { features, dropsRepeats }: CleaningPlan,
): Promise<Figures> {
  const { table } = layer;
  const keys = features.map((name) => columnOf(layer, name).sql);
  const key = keys.length === 0 ? "''" : `struct_pack(${keys.map((sql) => `${sql} := ${sql}`).join(', ')})`;
  const hash = `hash(${keys.join(', ') || "''"})`;
  const [id, target] = [columnOf(layer, 'id').sql, columnOf(layer, 'target').sql];
  // Few rows have a hash that others have, too: only those are compared in full.
  await session.run(
    `CREATE TABLE repeated AS SELECT ${hash} AS h FROM ${table} WHERE rule IS NULL GROUP BY h HAVING count(*) > 1`,
  );
  await session.run(
    `CREATE TABLE alike AS SELECT rowid AS row, ${id} AS id, ${target} AS target, side, ${key} AS features
     FROM ${table} WHERE rule IS NULL AND ${hash} IN (SELECT h FROM repeated)`,
  );
  const [[conflicting, across] = []] = await session.query(
    `SELECT coalesce(sum(n) FILTER (t1 <> t2), 0)::BIGINT, coalesce(sum(n) FILTER (s1 <> s2), 0)::BIGINT FROM (
       SELECT count(*) AS n, min(target) AS t1, max(target) AS t2, min(side) AS s1, max(side) AS s2 FROM alike GROUP BY features)`,
  );
  if (dropsRepeats) {
    const first = 'first_value(id) OVER (PARTITION BY features, target ORDER BY id)';
    await session.run(
      `CREATE TABLE repeats AS SELECT row, first FROM (SELECT row, id, ${first} AS first FROM alike WHERE side = 'train') WHERE id <> first`,
    );
    await session.run(
      `UPDATE ${table} SET rule = 'duplicate', reason = 'same features and target as "' || repeats.first || '", which stays'
       FROM repeats WHERE ${table}.rowid = repeats.row`,
    );
  }
  return { conflictingDuplicates: Number(conflicting), duplicatesAcrossSplits: Number(across) };
}

export interface Findings {
  readonly columns: readonly ColumnSpec[];
  readonly dataset: DatasetConfig;
  readonly contract: unknown;
  readonly figures: Figures;
  /** What the kept rows are, should they be all of them. */
  readonly unchanged: ArtifactRef | undefined;
}

/** The table that came in, where the plan changes no value. */
export function unchangedBy({ steps }: CleaningPlan, inputs: Artifacts): ArtifactRef | undefined {
  const changes = steps.some(
    (step) => step.do === 'fill' || (step.do === 'limit' && step.rule.action === 'clip'),
  );
  const [table, ...others] = inputs['dataset']!;
  return changes || others.length > 0 ? undefined : table;
}

/** @param writeKept writes the rows that are still there, in order of their ids */
export async function writeOut(
  session: SharedSession,
  layer: Layer,
  found: Findings,
  { artifacts }: StageContext,
  writeKept: (values: readonly string[]) => Promise<ArtifactRef>,
): Promise<StageOutput> {
  const tally = await session.query(
    `SELECT side, rule, count(*) FROM ${layer.table} GROUP BY 1, 2 ORDER BY min(rowid)`,
  );
  const counted = countsOf(tally);
  const unknown = await checkLeft(session, layer, found.dataset, tally, counted);
  const { read, quarantined } = counted;
  const kept =
    (quarantined === 0 ? found.unchanged : undefined) ??
    (await writeKept(layer.columns.map(({ sql }) => sql)));
  const aside = await writeQuarantine(session, layer);
  if (kept.rows + Number(quarantined) !== Number(read)) {
    throw new RangeError(`clean: ${read} rows in, ${kept.rows} kept, ${quarantined} dropped`);
  }
  const document = new TextEncoder().encode(JSON.stringify(found.contract));
  return {
    outputs: {
      dataset: [kept],
      quarantine: [aside],
      contract: [await artifacts.writeBlob('document', document, 'application/json')],
    },
    figures: { ...counted, ...found.figures, ...unknown },
  };
}

type Tally = readonly (readonly SqlValue[])[];

function countsOf(tally: Tally): Record<string, number> {
  const sum = (holds: (side: SqlValue, rule: SqlValue) => boolean): number =>
    tally.reduce((total, [side, rule, count]) => total + (holds(side!, rule!) ? Number(count) : 0), 0);
  const rules = [...new Set(tally.flatMap(([, rule]) => (rule === null ? [] : [String(rule)])))];
  return {
    read: sum(() => true),
    kept: sum((_, rule) => rule === null),
    quarantined: sum((_, rule) => rule !== null),
    ...Object.fromEntries(
      SPLITS.map((side) => [side, sum((found, rule) => found === side && rule === null)]),
    ),
    ...Object.fromEntries(rules.map((rule) => [`dropped.${rule}`, sum((_, found) => found === rule)])),
  };
}

async function checkLeft(
  session: SharedSession,
  layer: Layer,
  { columns }: DatasetConfig,
  tally: Tally,
  counted: Readonly<Record<string, number>>,
): Promise<Figures> {
  for (const side of SPLITS) {
    if (counted[side]! > 0) continue;
    const reasons = tally.flatMap(([found, rule, count]) =>
      found === side && rule !== null ? [[String(rule), Number(count)] as const] : [],
    );
    throw new DataError(emptySide(side, reasons));
  }
  const target = columnOf(layer, 'target').sql;
  const known = `SELECT DISTINCT ${target} FROM ${layer.table} WHERE ${TRAINING}`;
  const [first, second] = await session.query(`${known} LIMIT 2`);
  if (second === undefined)
    throw new DataError(singleTarget(columns.target, counted['train']!, String(first![0])));
  const unknown = await session.query(
    `SELECT ${target}, count(*) FROM ${layer.table} WHERE rule IS NULL AND ${target} NOT IN (${known}) GROUP BY 1`,
  );
  return unknownTargetsFigure(unknown.map(([value, count]) => [String(value), Number(count)]));
}

/** Ingest's rows, then those that were dropped here. */
async function writeQuarantine(session: SharedSession, layer: Layer): Promise<ArtifactRef> {
  const names = QUARANTINE_COLUMNS.map(({ name }) => nameSql(name)).join(', ');
  const record = jsonObjectSql(layer.columns);
  const id = columnOf(layer, 'id').sql;
  // By themselves: functions of ours are called for full batches, not for the few rows of each that left.
  await session.table('gone', `SELECT * FROM ${layer.table} WHERE rule IS NOT NULL`);
  return session.write(
    'quarantine',
    QUARANTINE_COLUMNS,
    `SELECT ${names} FROM (
       SELECT 0 AS later, ${names} FROM earlier
       UNION ALL SELECT 1, ${id}, NULL, NULL, ${textSql('clean')}, rule, reason, ${record} FROM gone)
     ORDER BY later, "file" NULLS LAST, "line" NULLS LAST, "id" NULLS LAST`,
  );
}
