import pc from 'picocolors';
import { eastAsianWidth } from 'get-east-asian-width';
import { charactersOf } from '../core/text/characters.js';

/** Where a command writes to, and what the reader's screen can show. */
export interface Terminal {
  /** A line for people on stdout; nothing under --json, which owns stdout. */
  line(text?: string): void;
  /** A line beside the result, on stdout: how far it is, what to type next; nothing under --json or --quiet. */
  aside(text?: string): void;
  /** A line on stderr: progress and hints; nothing under --quiet. */
  note(text: string): void;
  /** A line on stderr that says what went wrong. */
  complain(text: string): void;
  /** The command's result as one JSON document on stdout; nothing without --json. */
  json(value: unknown): void;
  readonly isJson: boolean;
  /** Wants the result and what went wrong, no more. */
  readonly isQuiet: boolean;
  /** Bars can be drawn. */
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly colors: ReturnType<typeof pc.createColors>;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const DEFAULT_COLUMNS = 80;

/** The terminal of this process. Colours follow NO_COLOR, FORCE_COLOR and whether stdout is a terminal. */
export function openTerminal(options: CommonOptions): Terminal {
  const isJson = options.json === true;
  const isQuiet = options.quiet === true;
  const colors = pc.createColors(!isJson && pc.isColorSupported);
  const line = (text = ''): void => void (isJson || process.stdout.write(`${text}\n`));
  const complain = (text: string): void => void process.stderr.write(`${text}\n`);
  return {
    line,
    aside: (text) => void (isQuiet || line(text)),
    note: (text) => void (isQuiet || complain(text)),
    complain,
    json: (value) => void (isJson && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)),
    isJson,
    isQuiet,
    isInteractive: !isJson && !isQuiet && process.stdout.isTTY && process.env['CI'] === undefined,
    columns: process.stdout.columns || Number(process.env['COLUMNS']) || DEFAULT_COLUMNS,
    colors,
  };
}

/** Columns that a text takes: two for Chinese, Japanese, Korean and emoji, none for marks on the letter before. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const character of charactersOf(text)) {
    if (UNSEEN.test(character)) continue;
    columns += EMOJI.test(character) ? 2 : eastAsianWidth(character.codePointAt(0)!);
  }
  return columns;
}

/** Printable ASCII and Latin letters: most texts. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/;
const UNSEEN = /^[\p{Control}\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
/** What a selector makes an emoji, and flags; all others are wide by themselves. */
const EMOJI = /\ufe0f|^\p{Regional_Indicator}{2}/u;

/** Cuts a text to so many columns, with an ellipsis; what a reader sees as one character stays whole. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const character of charactersOf(text)) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fills a text with spaces to so many columns. */
export const padded = (text: string, width: number, side: 'start' | 'end' = 'end'): string => {
  const spaces = ' '.repeat(Math.max(width - columnsOf(text), 0));
  return side === 'end' ? `${text}${spaces}` : `${spaces}${text}`;
};

/** Text from data or servers, made harmless: no escape sequences that move a terminal's cursor or change its title. */
export const plainText = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what we remove
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
