import { DataError } from '../../contracts/errors.js';
import type { ColumnContract, Columns } from '../../contracts/settings.js';
import type { RunSummary } from '../../contracts/summary.js';
import type { Drop, WorkTable } from '../cleaning/workTable.js';
import { datasetName } from '../ingest/parts.js';

export type ContractResult = RunSummary['contract'][number];

export interface ContractCheck {
  readonly results: readonly ContractResult[];
  /** Rows that break the contract, on every side. */
  readonly violations: readonly Drop[];
}

/** A rule over single cells; undefined where the contract doesn't have it. */
interface CellRule {
  readonly rule: string;
  readonly breaks: (cell: string) => boolean;
}

/**
 * Checks every row against what the data must be like. `maxMissing` is about the column as a whole; the other rules
 * are about single cells: the rows that break them go to quarantine as long as they are few.
 *
 * @param allowedShare share of the rows that may break a rule about cells
 * @throws DataError when a column isn't there, or the contract is broken: naming column, rule, found and allowed share
 */
export function checkContract(
  table: WorkTable,
  columns: Columns,
  contract: Readonly<Record<string, ColumnContract>>,
  allowedShare: number,
): ContractCheck {
  const results: ContractResult[] = [];
  const violations: Drop[] = [];
  for (const [column, rules] of Object.entries(contract)) {
    const name = datasetName(columns, column);
    table.values('dataset.contract', name);
    if (rules.maxMissing !== undefined) results.push(checkMissing(table, name, column, rules.maxMissing));
    for (const cellRule of cellRules(rules)) {
      const broken = table.alive().filter((row) => breaks(table, name, row, cellRule));
      results.push(judge(table.rows, column, cellRule.rule, broken.length, allowedShare));
      for (const row of broken) {
        const reason = `${column} is ${JSON.stringify(table.cell(name, row))}, expected ${cellRule.rule}`;
        violations.push({ row, rule: 'contract', reason });
      }
    }
  }
  const broken = results.filter((result) => !result.passed);
  if (broken.length > 0) {
    const [first] = violations;
    const example = first && { id: table.cell('id', first.row)!, reason: first.reason };
    throw new DataError(brokenContract(broken, example));
  }
  return { results, violations };
}

function cellRules({ min, max, allowed }: ColumnContract): CellRule[] {
  const rules: CellRule[] = [];
  if (min !== undefined) rules.push({ rule: `at least ${min}`, breaks: (cell) => !(Number(cell) >= min) });
  if (max !== undefined) rules.push({ rule: `at most ${max}`, breaks: (cell) => !(Number(cell) <= max) });
  if (allowed) {
    const set = new Set(allowed);
    rules.push({ rule: `one of ${allowed.join(', ')}`, breaks: (cell) => !set.has(cell) });
  }
  return rules;
}

function breaks(table: WorkTable, name: string, row: number, rule: CellRule): boolean {
  const cell = table.cell(name, row);
  return cell !== undefined && rule.breaks(cell);
}

function checkMissing(table: WorkTable, name: string, column: string, allowed: number): ContractResult {
  const missing = table.alive().filter((row) => table.cell(name, row) === undefined).length;
  return judge(table.rows, column, `missing in at most ${percent(allowed)}`, missing, allowed);
}

/** @param count rows that break the rule */
export function judge(
  rows: number,
  column: string,
  rule: string,
  count: number,
  allowed: number,
): ContractResult {
  const found = `${count} of ${rows} rows (${percent(count / rows)}; allowed ${percent(allowed)})`;
  return { column, rule, found, passed: count <= allowed * rows };
}

/** @param first an example */
export function brokenContract(
  broken: readonly ContractResult[],
  first: { readonly id: string; readonly reason: string } | undefined,
): string {
  const lines = broken.map(({ column, rule, found }) => `${column}: expected ${rule}; broken in ${found}`);
  const example = first ? `. First: row "${first.id}": ${first.reason}` : '';
  return `the data contract is broken. ${lines.join('. ')}${example}. Mend the data, or change dataset.contract`;
}

export const percent = (share: number): string => `${Number((100 * share).toFixed(2))}%`;
