import { InvalidArgumentError } from 'commander';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { listRuns, type ListedRun } from '../runClient.js';
import { withServerOpen, type ServerOptions } from '../server.js';
import { tableLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface RunsOptions extends CommonOptions, ServerOptions {
  readonly limit: number;
  readonly status?: string;
}

const STATES = ['running', 'blocked', 'waiting', 'completed', 'aborted', 'cancelled', 'failed'];

/** `assay runs` */
export const runs: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay runs',
      'assay runs --status blocked',
      'assay runs --limit 3 --json',
    ])
      .option('-n, --limit <count>', 'how many', wholeNumber, 20)
      .option('--status <state>', `only ${STATES.join(' | ')}`, oneState)
      .action(
        action<RunsOptions>((_, options, terminal) =>
          withServerOpen(options, async (server) => {
            const query = options.status === undefined ? '' : `AssayStatus = '${options.status}'`;
            return tell(await listRuns(server, options.limit, query), options, terminal);
          }),
        ),
      );
  },
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError(`expected a whole number ≥ 1.`);
  return value;
}

function oneState(text: string): string {
  if (!STATES.includes(text)) throw new InvalidArgumentError(`expected ${STATES.join(' | ')}.`);
  return text;
}

function tell(found: readonly ListedRun[], { status }: RunsOptions, terminal: Terminal): number {
  terminal.json(found);
  if (found.length === 0) {
    terminal.line(
      status === undefined
        ? 'There is no run yet. Start one: assay run assay.yaml --watch'
        : `No run is ${status}.`,
    );
    return EXIT.ok;
  }
  const headings = [
    { head: 'run (started, UTC)' },
    { head: 'state' },
    { head: 'stage' },
    { head: 'round', numeric: true },
    { head: 'metric', numeric: true },
  ];
  const rows = found.map(({ runId, status: state, stage, round, metric }) => [
    runId,
    state,
    stage,
    round === null ? '' : String(round),
    metric === null ? '' : metric.toFixed(4),
  ]);
  for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
  return EXIT.ok;
}
