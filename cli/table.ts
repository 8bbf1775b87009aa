import Table from 'cli-table3';
import { cut, plainText, type Terminal } from './terminal.js';

export interface Heading {
  readonly head: string;
  readonly numeric?: boolean;
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A table without lines; where the screen is too narrow for it, one block a row. */
export function tableLines(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const cells = rows.map((row) => row.map(plainText));
  const widths = headings.map(({ head }, i) =>
    Math.max(head.length, ...cells.map((row) => [...(row[i] ?? '')].length)),
  );
  const needed = widths.reduce((sum, width) => sum + width + 2, -2);
  if (needed > terminal.columns) return blocks(headings, cells, terminal);
  const table = new Table({
    head: headings.map(({ head }) => terminal.colors.dim(head)),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: headings.map(({ numeric }) => (numeric ? 'right' : 'left')),
  });
  table.push(...cells);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function blocks(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  { columns, colors }: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const label = Math.max(...headings.map(({ head }) => head.length));
  return rows.flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...row.flatMap((cell, i) => {
      if (cell === '') return [];
      if (i === 0) return [colors.bold(cut(cell, columns))];
      return [
        `  ${colors.dim((headings[i]?.head ?? '').padEnd(label))}  ${cut(cell, Math.max(columns - label - 4, 8))}`,
      ];
    }),
  ]);
}

/** Lines `name  text`, the text wrapped below itself. */
export function factLines(
  facts: readonly (readonly [name: string, text: string])[],
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const label = Math.max(...facts.map(([name]) => name.length));
  const isNarrow = terminal.columns < label + 32;
  return facts.flatMap(([name, text]) => {
    const lines = wrap(plainText(text), Math.max(terminal.columns - (isNarrow ? 2 : label + 2), 12));
    if (isNarrow) return [terminal.colors.dim(name), ...lines.map((line) => `  ${line}`)];
    return lines.map((line, i) => `${terminal.colors.dim((i === 0 ? name : '').padEnd(label))}  ${line}`);
  });
}

/** Breaks at spaces; words that are too long stay whole, so that paths and commands can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}
