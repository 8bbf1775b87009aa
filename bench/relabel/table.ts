import { markdownTable, overSeeds } from '../recovery/table.js';
import { BUDGETS, ORDERS, type RelabelCell } from './cell.js';

const share = (value: number): string => value.toFixed(2);
const points = (value: number): string => (100 * value).toFixed(2);
const headings = BUDGETS.map((budget) => `${100 * budget}%`);

/** Cells as Markdown: recovered share of the cost, then the share of wrong labels found. */
export function relabelMarkdown(cells: readonly RelabelCell[]): string {
  const sets = [...new Set(cells.map(({ set }) => set))].sort();
  const of = (set: string): RelabelCell[] => cells.filter((cell) => cell.set === set);
  const costs = sets.map((set) => [
    set,
    String(of(set).length),
    ...(['fixed', 'noisy', 'clean'] as const).map((arm) =>
      overSeeds(
        of(set).map((cell) => cell[arm]),
        points,
      ),
    ),
  ]);
  const rowsOf = (measure: (cell: RelabelCell, order: string, at: number) => number): string[][] =>
    sets.flatMap((set) =>
      ORDERS.filter((order) => of(set).every(({ orders }) => orders[order])).map((order) => [
        set,
        order,
        ...BUDGETS.map((_, at) =>
          overSeeds(
            of(set).map((cell) => measure(cell, order, at)),
            share,
          ),
        ),
      ]),
    );
  const recovered = rowsOf(
    ({ noisy, clean, orders }, order, at) => (orders[order]![at]!.accuracy - noisy) / (clean - noisy),
  );
  const found = rowsOf(({ orders }, order, at) => orders[order]![at]!.fixed);
  return [
    `Test accuracy, %:\n\n${markdownTable(['set', 'seeds', 'noisy, fixed C', 'noisy, tuned', 'clean, tuned'], costs)}`,
    `Share of the cost recovered when so many rows are verified:\n\n${markdownTable(['set', 'order', ...headings], recovered)}`,
    `Share of the wrong labels that were among them:\n\n${markdownTable(['set', 'order', ...headings], found)}`,
  ].join('\n\n');
}
