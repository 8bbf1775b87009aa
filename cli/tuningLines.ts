import type { TuningSummary } from '../contracts/tune.js';
import { settingsText } from '../core/tune/explain.js';
import { cut } from '../core/text/columns.js';
import { decimal, percent } from '../report/format.js';
import { tableLines } from './table.js';
import type { Terminal } from './terminal.js';

/** More are in the report. */
const SHOWN = 5;
/** Of a screen, what the other columns take. */
const OTHERS = 40;
const LEAST = 24;

/** The best trials of a search and the settings as they were, for a screen. */
export function tuningLines(
  { trials, chosen, metric }: TuningSummary,
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const place = ({ rungs }: (typeof trials)[number]): [number, number] => [
    rungs.at(-1)?.share ?? 0,
    rungs.at(-1)?.value ?? -Infinity,
  ];
  const ordered = [...trials].sort((a, b) => place(b)[0] - place(a)[0] || place(b)[1] - place(a)[1]);
  const shown = ordered.filter((trial, at) => at < SHOWN || trial.number === 0);
  const width = Math.max(LEAST, terminal.columns - OTHERS);
  const rows = shown.map(({ number, params, rungs }) => [
    number === chosen ? `${number} chosen` : number === 0 ? '0 as configured' : String(number),
    percent(rungs.at(-1)?.share ?? NaN),
    decimal(rungs.at(-1)?.value ?? NaN, 4),
    cut(settingsText(params), width),
  ]);
  const headings = [
    { head: 'trial' },
    { head: 'rows', numeric: true },
    { head: metric, numeric: true },
    { head: 'settings' },
  ];
  return tableLines(headings, rows, terminal);
}
