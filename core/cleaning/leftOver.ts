import { DataError } from '../../contracts/errors.js';
import { SPLITS, type Split } from '../../contracts/prepared.js';
import type { Columns } from '../../contracts/settings.js';
import type { Figures } from '../../contracts/stage.js';
import type { WorkTable } from './workTable.js';

/**
 * Whether enough is left to learn from.
 *
 * @throws DataError when a side is empty, or the training rows have a single target
 */
export function checkLeftOver(table: WorkTable, columns: Columns): void {
  const sizes = table.sizes();
  for (const side of SPLITS) {
    if (sizes[side] > 0) continue;
    const rules = table.dropped.filter(({ row }) => table.side(row) === side).map(({ rule }) => rule);
    throw new DataError(emptySide(side, [...countBy(rules)]));
  }
  const targets = new Set(table.training().map((row) => table.cell('target', row)!));
  if (targets.size < 2) {
    throw new DataError(singleTarget(columns.target, sizes.train, [...targets][0]!));
  }
}

/** @param dropped rows of the side, by the rule that dropped them */
export function emptySide(side: Split, dropped: readonly (readonly [rule: string, rows: number])[]): string {
  const why = dropped.map(([rule, count]) => `${count} by rule ${rule}`).join(', ');
  const advice = why
    ? 'loosen the rules under clean or dataset.contract'
    : 'change dataset.split, or bring more rows';
  return `0 ${side} rows are left after cleaning (${why || 'there were none before it'}); ${advice}`;
}

export function singleTarget(column: string, rows: number, value: string): string {
  return (
    `${column}: all ${rows} training rows have the same value ${JSON.stringify(value)}; ` +
    'there is nothing to learn'
  );
}

/** Rows outside training whose target no training row has: the model can't ever be right about them. */
export function unknownTargets(table: WorkTable): Figures {
  const known = new Set(table.training().map((row) => table.cell('target', row)!));
  const unknown = table.alive().map((row) => table.cell('target', row)!);
  return unknownTargetsFigure([...countBy(unknown.filter((target) => !known.has(target)))]);
}

/** @param counts rows of each target that training doesn't know */
export function unknownTargetsFigure(counts: readonly (readonly [target: string, rows: number])[]): Figures {
  if (counts.length === 0) return {};
  const list = counts.map(([target, count]) => `${target} (${count})`).sort();
  const more = list.length > 10 ? `, and ${list.length - 10} more` : '';
  return { targetsUnknownToTraining: `${list.slice(0, 10).join(', ')}${more}` };
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
