import type { CleanConfig, Columns } from '../../contracts/settings.js';
import type { Figures } from '../../contracts/stage.js';
import { byCodePoint } from '../codePoints.js';
import { datasetName } from '../ingest/parts.js';
import { reportDuplicates, trainingDuplicates } from './duplicates.js';
import { fitLimits, quantile } from './outliers.js';
import { compilePredicate } from './predicates.js';
import type { Drop, WorkTable } from './workTable.js';

/**
 * Applies the cleaning rules in a fixed order: irrelevant, too short, missing, outliers, imputation, duplicates.
 * Whatever is fitted is fitted on training rows, and only training rows are dropped; clipping and imputation reach
 * all rows.
 *
 * @returns what was fitted and counted, for people
 */
export function cleanTable(table: WorkTable, columns: Columns, clean: CleanConfig): Figures {
  dropIrrelevant(table, columns, clean);
  dropShort(table, columns, clean.minTextLength);
  dropMissing(table, columns, clean);
  const limits = treatOutliers(table, columns, clean);
  const fills = impute(table, columns, clean);
  const duplicates = reportDuplicates(table, columns);
  if (clean.exactDuplicates === 'drop') table.drop(trainingDuplicates(table, columns));
  return { ...limits, ...fills, ...duplicates };
}

function dropIrrelevant(table: WorkTable, columns: Columns, { irrelevant }: CleanConfig): void {
  for (const rule of irrelevant) {
    const name = datasetName(columns, rule.column);
    table.values('clean.irrelevant', name);
    const holds = compilePredicate(rule, table.isNumeric(name));
    const value = rule.value === undefined ? '' : ` ${JSON.stringify(rule.value)}`;
    table.drop(
      table
        .training()
        .filter((row) => holds(table.cell(name, row)))
        .map((row) => ({ row, rule: 'irrelevant', reason: `${rule.column} ${rule.op}${value}` })),
    );
  }
}

function dropShort(table: WorkTable, { text }: Columns, minimum: number): void {
  if (text.length === 0 || minimum === 0) return;
  const drops: Drop[] = [];
  for (const row of table.training()) {
    const length = text.reduce((sum, name) => sum + [...(table.cell(name, row) ?? '').trim()].length, 0);
    if (length >= minimum) continue;
    const reason = `${length} characters in ${text.join(', ')}; at least ${minimum} are needed`;
    drops.push({ row, rule: 'too_short', reason });
  }
  table.drop(drops);
}

function dropMissing(table: WorkTable, columns: Columns, { missing }: CleanConfig): void {
  for (const [column, action] of Object.entries(missing)) {
    const name = datasetName(columns, column);
    table.values('clean.missing', name);
    if (action !== 'drop') continue;
    table.drop(
      table
        .training()
        .filter((row) => table.cell(name, row) === undefined)
        .map((row) => ({ row, rule: 'missing', reason: `${column} is missing` })),
    );
  }
}

function treatOutliers(table: WorkTable, columns: Columns, { outliers }: CleanConfig): Figures {
  const figures: Record<string, number> = {};
  for (const rule of outliers) {
    const name = datasetName(columns, rule.column);
    const values = table.numbers('clean.outliers', name);
    const training = table.training();
    const limits = fitLimits(
      training.map((row) => values[row]!),
      rule,
    );
    if (!limits) continue;
    figures[`${rule.column}.low`] = limits.low;
    figures[`${rule.column}.high`] = limits.high;
    if (rule.action === 'clip') {
      // Math.min of NaN is NaN: missing stays missing.
      for (const row of table.alive())
        values[row] = Math.min(limits.high, Math.max(limits.low, values[row]!));
      continue;
    }
    const isOutlier = (row: number): boolean => values[row]! < limits.low || values[row]! > limits.high;
    const range = `${limits.low} to ${limits.high} by ${rule.method} over the training rows`;
    const reason = (row: number): string => `${rule.column} is ${values[row]!}, outside ${range}`;
    table.drop(training.filter(isOutlier).map((row) => ({ row, rule: 'outlier', reason: reason(row) })));
  }
  return figures;
}

function impute(table: WorkTable, columns: Columns, { missing }: CleanConfig): Figures {
  const figures: Record<string, number | string> = {};
  for (const [column, action] of Object.entries(missing)) {
    if (action !== 'impute') continue;
    const name = datasetName(columns, column);
    const fill = table.isNumeric(name) ? fillNumbers(table, name) : fillText(table, name);
    if (fill !== undefined) figures[`${column}.imputed`] = fill;
  }
  return figures;
}

/** By the discrete median of the training rows. */
function fillNumbers(table: WorkTable, name: string): number | undefined {
  const values = table.numbers('clean.missing', name);
  const present = table.training().flatMap((row) => (Number.isNaN(values[row]) ? [] : [values[row]!]));
  if (present.length === 0) return undefined;
  const median = quantile(Float64Array.from(present).sort(), 0.5);
  for (const row of table.alive()) if (Number.isNaN(values[row])) values[row] = median;
  return median;
}

/** By the most frequent value of the training rows; of equally frequent ones the first by code point. */
function fillText(table: WorkTable, name: string): string | undefined {
  const counts = new Map<string, number>();
  for (const row of table.training()) {
    const value = table.cell(name, row);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
  if (!first) return undefined;
  for (const row of table.alive())
    if (table.cell(name, row) === undefined) table.setText(name, row, first[0]);
  return first[0];
}
