import pc from 'picocolors';

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

/** Text from data or servers, made harmless: no escape sequences that move a terminal's cursor or change its title. */
export const plainText = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what we remove
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
