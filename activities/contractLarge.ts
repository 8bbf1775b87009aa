import { DataError } from '../contracts/errors.js';
import type { SharedSession } from '../contracts/store.js';
import type { CleaningPlan, CleaningStep } from '../core/cleaning/plan.js';
import { columnOf, dropSql, testSql, type Layer } from '../core/cleaning/planSql.js';
import { brokenContract, judge, percent, type ContractResult } from '../core/contract/checkContract.js';

type ContractStep = Extract<CleaningStep, { do: 'drop' }>;

/**
 * Counts how the table breaks the contract, in one scan.
 *
 * @returns as checkContract's results
 * @throws DataError when it is broken
 */
export async function contractResults(
  session: SharedSession,
  layer: Layer,
  plan: CleaningPlan,
  allowedShare: number,
): Promise<readonly ContractResult[]> {
  const checks: { column: string; rule: string; when: string; allowed: number }[] = [];
  const steps = [...plan.steps.entries()].filter((entry): entry is [number, ContractStep] =>
    isContract(entry[1]),
  );
  const columns = new Set([
    ...plan.missing.map(({ called }) => called),
    ...steps.map(([, { column }]) => column),
  ]);
  for (const called of [...columns].sort((a, b) => plan.order.indexOf(a) - plan.order.indexOf(b))) {
    for (const { column, allowed } of plan.missing.filter((one) => one.called === called)) {
      const when = `${columnOf(layer, column).sql} IS NULL`;
      checks.push({ column: called, rule: `missing in at most ${percent(allowed)}`, when, allowed });
    }
    for (const [index, { column, test, expected }] of steps.filter(([, step]) => step.column === called)) {
      checks.push({ column, rule: expected, when: testSql(layer, test, index), allowed: allowedShare });
    }
  }
  if (checks.length === 0) return [];
  const counts = checks.map(({ when }) => `count(*) FILTER (WHERE ${when})`).join(', ');
  const [[rows, ...broken] = []] = await session.query(`SELECT count(*), ${counts} FROM ${layer.table}`);
  const results = checks.map(({ column, rule, allowed }, i) =>
    judge(Number(rows), column, rule, Number(broken[i]), allowed),
  );
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length > 0)
    throw new DataError(brokenContract(failed, await firstViolation(session, layer, steps)));
  return results;
}

const isContract = (step: CleaningStep): step is ContractStep =>
  step.do === 'drop' && step.rule === 'contract';

/** The first row that breaks the first rule about cells that any row breaks. */
async function firstViolation(
  session: SharedSession,
  layer: Layer,
  steps: readonly (readonly [number, ContractStep])[],
): Promise<{ readonly id: string; readonly reason: string } | undefined> {
  const id = columnOf(layer, 'id').sql;
  for (const [index, step] of steps) {
    const { when, reason } = dropSql(layer, step, index);
    const [found] = await session.query(
      `SELECT ${id}, ${reason} FROM ${layer.table} WHERE ${when} ORDER BY 1 LIMIT 1`,
    );
    if (found !== undefined) return { id: String(found[0]), reason: String(found[1]) };
  }
  return undefined;
}
