import type { ColumnSpec } from '../contracts/artifact.js';
import { ConfigError } from '../contracts/errors.js';
import type { CleanConfig, DatasetConfig } from '../contracts/settings.js';
import type { Artifacts, Figures, StageOutput } from '../contracts/stage.js';
import type { SharedSession, StageContext } from '../contracts/store.js';
import { PLACES } from '../core/sql/places.js';
import type { CleaningPlan } from '../core/cleaning/plan.js';
import {
  changedSql,
  columnOf,
  dropRows,
  fillCells,
  foreignRules,
  planFunctions,
  type Change,
  type Layer,
} from '../core/cleaning/planSql.js';
import { sqlFunctions } from '../core/sql/functions.js';
import { nameSql, type SqlColumn } from '../core/sql/text.js';
import { checkedPlan, fitFill, fitLimits, limitedBy, unchangedBy, writeOut } from './cleanLarge.js';
import { contractResults } from './contractLarge.js';

/** Which row of the table it is, in order of ids: what the worker's own database knows by itself. */
const ROW = 'rowid';

/**
 * What cleanLarge does, with another engine than this machine's: tables are not changed there, but made anew.
 *
 * @throws DataError, ConfigError as clean does
 */
export async function cleanElsewhere(
  { dataset, clean }: { readonly dataset: DatasetConfig; readonly clean: CleanConfig },
  inputs: Artifacts,
  columns: readonly ColumnSpec[],
  context: StageContext & { readonly elsewhere: NonNullable<StageContext['elsewhere']> },
): Promise<StageOutput> {
  const [foreign] = foreignRules(clean);
  if (foreign) throw new ConfigError(`clean.irrelevant.${foreign.index}.value: ${foreign.why}`);
  const plan = checkedPlan({ dataset, clean }, columns);
  const options = {
    ...{ inputs: { work: inputs['dataset']!, earlier: inputs['quarantine']! }, placed: true },
    functions: [...sqlFunctions(0), ...planFunctions(plan.steps)],
    progress: (share: number) => context.progress({ done: share, total: 1, unit: 'of a scan' }),
  };
  return context.elsewhere(options, async (session) => {
    const start = await startLayer(session, columns);
    const contract = await contractResults(session, start, plan, dataset.maxUnreadable);
    const { layer, figures } = await applySteps(session, start, plan);
    const found = await dropRepeats(session, layer, plan);
    const finished = { ...layer, table: 'finished' };
    return writeOut(
      session,
      finished,
      { columns, dataset, contract, figures: { ...figures, ...found }, unchanged: unchangedBy(plan, inputs) },
      context,
      (values) =>
        session.write(
          'dataset',
          columns,
          `SELECT ${values.join(', ')} FROM finished WHERE rule IS NULL ORDER BY ${ROW}`,
        ),
    );
  });
}

async function startLayer(session: SharedSession, specs: readonly ColumnSpec[]): Promise<Layer> {
  const columns = specs.map(({ name, type }, i): SqlColumn => ({
    ...{ name, sql: `c${i}` },
    type: type === 'float64' ? type : 'utf8',
  }));
  const named = columns.map(({ name, sql }) => `${nameSql(name)} AS ${sql}`).join(', ');
  const none = 'CAST(NULL AS VARCHAR)';
  await session.view(
    'cleaning',
    `SELECT ${nameSql(PLACES.position)} AS ${ROW}, "split" AS side, ${named}, ${none} AS rule, ${none} AS reason FROM work`,
  );
  return { table: 'cleaning', columns };
}

async function applySteps(
  session: SharedSession,
  start: Layer,
  { steps }: CleaningPlan,
): Promise<{ readonly layer: Layer; readonly figures: Figures }> {
  let layer = start;
  let isSettled = false;
  const figures: Record<string, number | string> = {};
  const change = async (by: Change): Promise<void> => {
    const table = `${start.table}${Number(layer.table.slice(start.table.length)) + 1}`;
    await session.view(table, changedSql(layer, by, [ROW]));
    layer = { ...layer, table };
    isSettled = false;
  };
  /** Several scans follow, which would work out anew what came before. */
  const settle = async (): Promise<void> => {
    if (!isSettled) await session.table('settled', `SELECT * FROM ${layer.table}`);
    await session.view(layer.table, 'SELECT * FROM settled');
    isSettled = true;
  };
  for (const [index, step] of steps.entries()) {
    if (step.do === 'drop') {
      await change(dropRows(layer, step, index));
      continue;
    }
    await settle();
    if (step.do === 'limit') {
      const limits = await fitLimits(session, layer, step);
      if (limits === undefined) continue;
      figures[`${step.rule.column}.low`] = limits.low;
      figures[`${step.rule.column}.high`] = limits.high;
      await change(limitedBy(layer, step, limits));
    } else {
      const fill = await fitFill(session, layer, step.column);
      if (fill === undefined) continue;
      figures[`${step.called}.imputed`] = fill;
      await change(fillCells(layer, step.column, fill));
    }
  }
  return { layer, figures };
}

/** Makes the table `finished`: training rows that an earlier one equals are marked. Counts what is only reported. */
async function dropRepeats(
  session: SharedSession,
  layer: Layer,
  { features, dropsRepeats }: CleaningPlan,
): Promise<Figures> {
  const [id, target] = [columnOf(layer, 'id').sql, columnOf(layer, 'target').sql];
  const keys = features.length === 0 ? ["''"] : features.map((name) => columnOf(layer, name).sql);
  const hash = `hash(${keys.join(', ')})`;
  await session.table('cleaned', `SELECT * FROM ${layer.table}`);
  // Few rows have a hash that others have, too: only those are compared in full.
  await session.table(
    'repeated',
    `SELECT h FROM (SELECT ${hash} AS h FROM cleaned WHERE rule IS NULL) GROUP BY h HAVING count(*) > 1`,
  );
  await session.table(
    'alike',
    `SELECT ${[`${ROW} AS row`, `${id} AS id`, `${target} AS target`, 'side', ...keys.map((sql, i) => `${sql} AS k${i}`)].join(', ')}
     FROM cleaned WHERE rule IS NULL AND ${hash} IN (SELECT h FROM repeated)`,
  );
  const names = keys.map((_, i) => `k${i}`).join(', ');
  const [[conflicting, across] = []] = await session.query(
    `SELECT CAST(coalesce(sum(n) FILTER (WHERE t1 <> t2), 0) AS BIGINT), CAST(coalesce(sum(n) FILTER (WHERE s1 <> s2), 0) AS BIGINT) FROM (
       SELECT count(*) AS n, min(target) AS t1, max(target) AS t2, min(side) AS s1, max(side) AS s2 FROM alike GROUP BY ${names})`,
  );
  const first = `first_value(id) OVER (PARTITION BY ${names}, target ORDER BY id)`;
  await session.table(
    'repeats',
    `SELECT row, first FROM (SELECT row, id, ${first} AS first FROM alike WHERE side = 'train')
     WHERE ${dropsRepeats ? 'id <> first' : 'false'}`,
  );
  await session.table(
    'finished',
    `SELECT ${[`cleaned.${ROW} AS ${ROW}`, 'side', ...layer.columns.map(({ sql }) => sql)].join(', ')},
       coalesce(cleaned.rule, CASE WHEN repeats.row IS NOT NULL THEN 'duplicate' END) AS rule,
       coalesce(cleaned.reason, 'same features and target as "' || repeats.first || '", which stays') AS reason
     FROM cleaned LEFT JOIN repeats ON cleaned.${ROW} = repeats.row`,
  );
  await session.drop('cleaned');
  return { conflictingDuplicates: Number(conflicting), duplicatesAcrossSplits: Number(across) };
}
