import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { action, withExamples, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { prose } from '../table.js';
import { plainText, type CommonOptions, type Terminal } from '../terminal.js';

interface LogsOptions extends CommonOptions {
  readonly stage?: string;
  readonly level?: string;
}

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly runId?: string;
  readonly path?: string;
  readonly stage?: string;
  readonly msg: string;
  readonly error?: string;
}

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** `assay logs [RUN]` */
export const logs: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay logs catalogue',
      'assay logs 20261124-091203 --stage loop.1',
      'assay logs --level warn --json',
    ])
      .argument('[run]', 'id, end of an id, or name; every run without it')
      .option('--stage <path>', 'only this stage and what is below it')
      .option('--level <level>', `only this level and above: ${LEVELS.join(' | ')}`)
      .action(action<LogsOptions>(tellLogs));
  },
};

async function tellLogs(
  [wanted]: readonly string[],
  options: LogsOptions,
  terminal: Terminal,
): Promise<number> {
  const least = LEVELS.indexOf(options.level ?? 'debug');
  if (least === -1)
    throw new CliError(`--level: found "${options.level ?? ''}", expected ${LEVELS.join(' | ')}`, EXIT.usage);
  const { logs: folder } = directories();
  const found: LogLine[] = [];
  for (const file of logFiles(folder)) {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      const entry = parseLine(line);
      if (
        entry &&
        LEVELS.indexOf(entry.level) >= least &&
        isOfRun(entry, wanted) &&
        isOfStage(entry, options.stage)
      ) {
        if (terminal.isJson) found.push(entry);
        else terminal.line(lineOf(entry, terminal));
        if (!terminal.isJson) found.length += 1;
      }
    }
  }
  terminal.json(found);
  if (found.length === 0)
    terminal.note(`no line in ${folder} fits; logs lie on the machine of the worker that wrote them`);
  return EXIT.ok;
}

function logFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliError(`there are no logs in ${folder}`, EXIT.notFound, [
      'assay dev',
      'ASSAY_DIRECTORY=/path/to/.assay assay logs',
    ]);
  }
}

/** Lines that a killed process left half-written are passed over. */
function parseLine(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

const isOfRun = ({ runId }: LogLine, wanted: string | undefined): boolean =>
  wanted === undefined ||
  runId === wanted ||
  runId?.split('/')[1] === wanted ||
  runId?.endsWith(wanted) === true;

const isOfStage = ({ path, stage }: LogLine, wanted: string | undefined): boolean =>
  wanted === undefined || stage === wanted || path === wanted || path?.startsWith(`${wanted}.`) === true;

/** With less room the hour is enough, and what was said stands below. */
const WIDE_ENOUGH = 80;

function lineOf({ time, level, path, stage, msg, error }: LogLine, { colors, columns }: Terminal): string {
  const paint = level === 'error' ? colors.red : level === 'warn' ? colors.yellow : colors.dim;
  const place = path ?? stage ?? '';
  if (columns >= WIDE_ENOUGH)
    return plainTextButColors([colors.dim(time), paint(level.padEnd(5)), place, msg, error ?? '']);
  const head = [colors.dim(time.slice(11, 19)), paint(level.padEnd(5)), plainText(place)].join(' ').trimEnd();
  const said = [msg, error ?? ''].filter((part) => part !== '').map(plainText);
  return [head, ...said.map((part) => `  ${prose(part, { columns }, '  ')}`)].join('\n');
}

const plainTextButColors = (parts: readonly string[]): string =>
  parts
    .map((part, i) => (i < 2 ? part : plainText(part)))
    .filter((part) => part !== '')
    .join('  ');
