import { cut } from '../core/text/columns.js';
import type { RelabelCurve } from '../activities/relabelCurve.js';
import type { ReviewList } from '../activities/relabelRun.js';
import type { Sheet } from '../activities/worksheet.js';
import { count, decimal, percent } from '../report/format.js';
import { tableLines, wrap } from './table.js';
import { plainText, type Terminal } from './terminal.js';

type Screen = Pick<Terminal, 'columns' | 'colors'>;

const SHOWN_TEXT = 50;

/** What a check of the first rows is likely to find. */
export function expectation({ wrong }: Pick<ReviewList, 'wrong'>, budget: number) {
  const sum = (values: Float64Array): number => values.reduce((total, one) => total + one, 0);
  return { found: sum(wrong.subarray(0, budget)), inAll: sum(wrong) };
}

/** The first rows of a worksheet, and what to expect of it. */
export function reviewLines(
  { columns, batch }: Sheet,
  title: string,
  { expected, verified }: { readonly expected: ReturnType<typeof expectation>; readonly verified: number },
  top: number,
  terminal: Screen,
): string[] {
  const text = (name: string, row: number): string =>
    String((batch.columns[name] as ArrayLike<string | null>)[row] ?? '');
  const number = (name: string, row: number): number => (batch.columns[name] as Float64Array)[row]!;
  const own = columns
    .slice(
      1,
      columns.findIndex(({ name }) => name === 'rank'),
    )
    .map(({ name }) => name);
  const headings = [
    { head: 'id' },
    { head: 'given' },
    { head: 'suggested' },
    { head: 'p', numeric: true },
    { head: 'p(given)', numeric: true },
    { head: 'content' },
  ];
  const rows = Array.from({ length: Math.min(top, batch.rows) }, (_, row) => [
    text('id', row),
    text('given_label', row),
    text('suggested_label', row),
    decimal(number('probability', row)),
    decimal(number('given_probability', row)),
    cut(plainText(own.map((name) => text(name, row)).join(' · ')).replace(/\s+/gu, ' '), SHOWN_TEXT),
  ]);
  const hope =
    `The run's noise model expects about ${count(expected.found)} of these ${count(batch.rows)} labels to be wrong, of ` +
    `about ${count(expected.inAll)} in all; where labels are very noisy it expects too few.` +
    (verified > 0 ? ` ${count(verified)} rows that were verified before are left out.` : '');
  return [
    ...wrap(title, terminal.columns).map((line) => terminal.colors.bold(line)),
    ...wrap(hope, terminal.columns),
    ...(rows.length > 0 ? ['', ...tableLines(headings, rows, terminal)] : []),
  ];
}

/** Quality against rows checked, where the truth is known. */
export function curveLines(
  { metric, points, clean, wrong }: RelabelCurve,
  rows: number,
  terminal: Screen,
): string[] {
  const noisy = points[0]!.value;
  const hasValues = noisy !== null && clean !== null;
  const headings = [
    { head: 'checked', numeric: true },
    { head: 'of all', numeric: true },
    { head: 'mended', numeric: true },
    ...(hasValues
      ? [
          { head: metric, numeric: true },
          { head: 'recovered', numeric: true },
        ]
      : []),
  ];
  const cells = points.map(({ checked, fixed, value }) => [
    count(checked),
    percent(checked / rows),
    percent(fixed),
    ...(hasValues ? [decimal(value ?? NaN), percent(((value ?? NaN) - noisy) / (clean - noisy))] : []),
  ]);
  const all = hasValues ? [['all labels right', '', '', decimal(clean), '100%']] : [];
  return [
    '',
    terminal.colors.bold('what checking brings'),
    ...wrap(
      `The truth of this run is known: ${count(wrong)} of ${count(rows)} labels are wrong. Mended: so many of them were ` +
        `among the rows checked.${hasValues ? ` ${metric}: of the linear model on the test split, tuned and trained anew each time. Recovered: so much of what the wrong labels cost.` : ''}`,
      terminal.columns,
    ),
    ...tableLines(headings, [...cells, ...all], terminal),
  ];
}
