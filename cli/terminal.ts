import pc from 'picocolors';

/** Where a command writes to, and what the reader's screen can show. */
export interface Terminal {
  /** A line for people on stdout; nothing under --json, which owns stdout. */
  line(text?: string): void;
  /** A line on stderr: progress, hints, complaints. */
  note(text: string): void;
  /** The command's result as one JSON document on stdout; nothing without --json. */
  json(value: unknown): void;
  readonly isJson: boolean;
  /** Bars can be drawn. */
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly colors: ReturnType<typeof pc.createColors>;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const DEFAULT_COLUMNS = 80;

/** The terminal of this process. Colours follow NO_COLOR, FORCE_COLOR and whether stdout is a terminal. */
export function openTerminal(options: CommonOptions): Terminal {
  const isJson = options.json === true;
  const colors = pc.createColors(!isJson && pc.isColorSupported);
  return {
    line: (text = '') => void (isJson || process.stdout.write(`${text}\n`)),
    note: (text) => void process.stderr.write(`${text}\n`),
    json: (value) => void (isJson && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)),
    isJson,
    isInteractive: !isJson && process.stdout.isTTY && process.env['CI'] === undefined,
    columns: process.stdout.columns || Number(process.env['COLUMNS']) || DEFAULT_COLUMNS,
    colors,
  };
}

/** Cuts a text to a width, with an ellipsis; counts characters, not bytes. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`;
}

/** Text from data or servers, made harmless: no escape sequences that move a terminal's cursor or change its title. */
export const plainText = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what we remove
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
