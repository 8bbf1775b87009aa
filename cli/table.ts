import { columnsOf, padded } from '../core/text/columns.js';
import { plainText, type Terminal } from './terminal.js';

export interface Heading {
  readonly head: string;
  readonly numeric?: boolean;
}

const GAP = '  ';

/** A table without lines; where the screen is too narrow for it, one block a row. */
export function tableLines(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const cells = rows.map((row) => headings.map((_, i) => plainText(row[i] ?? '')));
  const widths = headings.map(({ head }, i) =>
    Math.max(columnsOf(head), ...cells.map((row) => widest(row[i]!))),
  );
  const needed = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  if (needed > terminal.columns) return blocks(headings, cells, terminal);
  const lineOf = (texts: readonly string[]): string[] =>
    texts.map((text, i) => padded(text, widths[i]!, headings[i]!.numeric ? 'start' : 'end'));
  const head = lineOf(headings.map((heading) => heading.head)).map((text) => terminal.colors.dim(text));
  return [head, ...cells.flatMap(linesOf).map(lineOf)].map((line) => line.join(GAP).trimEnd());
}

const widest = (cell: string): number => Math.max(...cell.split('\n').map(columnsOf));

/** A row whose cells have line breaks, as several rows. */
function linesOf(row: readonly string[]): string[][] {
  const broken = row.map((cell) => cell.split('\n'));
  const height = Math.max(...broken.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => broken.map((lines) => lines[at] ?? ''));
}

function blocks(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  { columns, colors }: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const label = Math.max(...headings.map(({ head }) => columnsOf(head)));
  const room = columns - label - 4;
  const isNarrow = room < LEAST_ROOM;
  return rows.flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...row.flatMap((cell, i) => {
      if (cell === '') return [];
      if (i === 0) return wrap(cell, columns).map((line) => colors.bold(line));
      const name = headings[i]?.head ?? '';
      if (isNarrow && columnsOf(cell) > room)
        return [
          `  ${colors.dim(name)}`,
          ...wrap(cell, Math.max(columns - 4, 12)).map((line) => `    ${line}`),
        ];
      const lines = wrap(cell, Math.max(room, 8));
      return lines.map((line, at) => `  ${colors.dim(padded(at === 0 ? name : '', label))}  ${line}`);
    }),
  ]);
}

/** Columns that a text wants beside its name; with less it stands below. */
const LEAST_ROOM = 24;

/** Lines `name  text`, the text wrapped below itself. */
export function factLines(
  facts: readonly (readonly [name: string, text: string])[],
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const label = Math.max(...facts.map(([name]) => columnsOf(name)));
  const isNarrow = terminal.columns < label + 32;
  return facts.flatMap(([name, text]) => {
    const lines = wrap(plainText(text), Math.max(terminal.columns - (isNarrow ? 2 : label + 2), 12));
    if (isNarrow) return [terminal.colors.dim(name), ...lines.map((line) => `  ${line}`)];
    return lines.map((line, i) => `${terminal.colors.dim(padded(i === 0 ? name : '', label))}  ${line}`);
  });
}

/** A sentence in lines that fit, and no wider than is pleasant to read. */
export const prose = (text: string, terminal: Pick<Terminal, 'columns'>, indent = ''): string =>
  wrap(text, Math.min(terminal.columns, 100) - indent.length).join(`\n${indent}`);

/** What somebody may search for or match: only narrow terminals get it in several lines. */
export const message = (text: string, terminal: Pick<Terminal, 'columns'>, indent = ''): string =>
  terminal.columns < 80 ? prose(text, terminal, indent) : text;

/**
 * Breaks at spaces, and between characters of scripts that are written without any. Words that are too long stay whole,
 * so that paths and commands can be copied.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = 0;
    for (const piece of piecesOf(paragraph)) {
      const word = piece.trimEnd();
      if (line.trim() !== '' && used + columnsOf(word) > width) {
        lines.push(line.trimEnd());
        line = '';
        used = 0;
      }
      line += piece;
      used += columnsOf(piece);
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** Words with their spaces. Chinese and Japanese are written without any: there a line may end after each letter. */
const piecesOf = (paragraph: string): string[] =>
  paragraph.split(/(?<= )(?! )/).flatMap((word) => (word.includes('/') ? [word] : word.split(LETTERS)));

/** Between two letters, but not before what closes a sentence or after what opens a bracket. */
const LETTERS =
  /(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}、。,!?:;)」』】])(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}(「『【])/u;
