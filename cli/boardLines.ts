import type { Leaderboard } from '../contracts/benchmark.js';
import { leaderboardHeadline, STANDING_COLUMNS } from '../report/leaderboardText.js';
import { tableLines, wrap } from './table.js';
import type { Terminal } from './terminal.js';

/** What fits on a screen of 80 columns; the rest is in the files. */
const SHOWN = ['estimator', '2-means F1', '±', 'p', 'AUROC', 'AP', 'rank', 'time / 1000'];

/** A leaderboard as people read it on a screen. */
export function boardLines(board: Leaderboard, terminal: Pick<Terminal, 'columns' | 'colors'>): string[] {
  const columns = STANDING_COLUMNS.filter(({ head }) => SHOWN.includes(head));
  const headings = columns.map(({ head }, at) => ({ head, numeric: at > 0 }));
  const rows = board.standings.map((standing) => columns.map(({ show }) => show(standing)));
  return [
    ...wrap(leaderboardHeadline(board), Math.min(terminal.columns, 100)).map((line) =>
      terminal.colors.bold(line),
    ),
    '',
    ...tableLines(headings, rows, terminal),
  ];
}
