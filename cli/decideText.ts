import type { PlannedStratum, Stratum } from '../core/decide/plan.js';
import type { Verdict } from '../core/decide/estimate.js';
import type { Estimate } from '../contracts/summary.js';
import { count, decimal, percent, pValue, signed } from '../report/format.js';
import { factLines, tableLines, wrap } from './table.js';
import type { Terminal } from './terminal.js';

type Screen = Pick<Terminal, 'columns' | 'colors'>;

const MEANING: Readonly<Record<Stratum, string>> = {
  differ: 'the models differ',
  dispute: 'both dispute the label',
  agree: 'both agree with the label',
};

/** Which rows a check asks for, and why these. */
export function planLines(
  strata: readonly PlannedStratum[],
  names: { readonly title: string; readonly leftOut: number },
  answered: Verdict['answered'] | undefined,
  terminal: Screen,
): string[] {
  const pool = strata.reduce((sum, { size }) => sum + size, 0);
  const headings = [
    { head: 'rows where' },
    { head: 'rows', numeric: true },
    { head: 'share', numeric: true },
    { head: 'to check', numeric: true },
    ...(answered ? [{ head: 'answered', numeric: true }] : []),
  ];
  const rows = strata.map(({ name, size, asked }) => [
    MEANING[name],
    count(size),
    percent(size / pool, 1),
    count(asked.length),
    ...(answered ? [count(answered[name])] : []),
  ]);
  return [
    ...wrap(names.title, terminal.columns).map((line) => terminal.colors.bold(line)),
    ...tableLines(headings, rows, terminal),
    ...(names.leftOut > 0
      ? wrap(
          `${count(names.leftOut)} rows that only one of the runs holds out are left out`,
          terminal.columns,
        )
      : []),
  ];
}

/** What true labels say of two models. */
export function verdictLines(
  { onlyFirst, onlySecond, pValue: p, accuracy, difference, noiseRate }: Verdict,
  [first, second]: readonly [string, string],
  alpha: number,
  terminal: Screen,
): string[] {
  const inPercent = ({ value, low, high }: Estimate): string =>
    `${percent(value, 1)} (95% ${percent(low, 1)} to ${percent(high, 1)})`;
  const points = (value: number): string => signed(100 * value, 1);
  const better = onlySecond > onlyFirst ? second : first;
  const head =
    onlyFirst + onlySecond === 0
      ? 'On no checked row is one model right and the other wrong: nothing to decide between.'
      : p < alpha
        ? `${better} is better: p ${pValue(p)}.`
        : `No model is shown to be better: p ${pValue(p)} (${decimal(alpha, 2)} was to be passed).`;
  return [
    '',
    ...wrap(head, terminal.columns).map((line) => terminal.colors.bold(line)),
    ...factLines(
      [
        [
          'paired test',
          `${second} alone is right on ${count(onlySecond)} checked rows, ${first} alone on ${count(onlyFirst)}; ` +
            `McNemar's exact test, two-sided: p ${pValue(p)}`,
        ],
        [
          'difference',
          `${points(difference.value)} points of accuracy (95% ${points(difference.low)} to ${points(difference.high)})`,
        ],
        [second, inPercent(accuracy.second)],
        [first, inPercent(accuracy.first)],
        ['wrong labels', inPercent(noiseRate)],
      ],
      terminal,
    ),
  ];
}
