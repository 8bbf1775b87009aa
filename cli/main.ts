/** Entry of `assay`. Loads nothing but the command that was asked for. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { withCommon } from './command.js';
import { commandList } from './commandList.js';
import { nearestName } from '../core/nearestName.js';
import { CliError, EXIT, EXIT_CODES_HELP } from './exit.js';
import { wrap } from './table.js';
import { openTerminal } from './terminal.js';

const PROGRAM_HELP = `
Start here:
  $ assay demo                       see the whole thing once
  $ assay dev                        then, in another terminal:
  $ assay run assay.yaml --watch

${EXIT_CODES_HELP}`;

function version(): string {
  // One folder up from source, two from dist/.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return found;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

function commandOverview(columns: number): string {
  const groups = [...new Set(commandList.map(({ group }) => group))];
  const width = Math.max(...commandList.map(({ name }) => name.length));
  const margin = ' '.repeat(width + 4);
  const linesOf = (group: string): string[] => [
    `${group}:`,
    ...commandList
      .filter((command) => command.group === group)
      .map(({ name, summary }) => {
        const lines = wrap(summary, Math.max(columns - margin.length, 20));
        return `  ${name.padEnd(width)}  ${lines.join(`\n${margin}`)}`;
      }),
  ];
  return groups.map((group) => linesOf(group).join('\n')).join('\n\n');
}

function refuseUnknown(asked: string): void {
  const names = commandList.map(({ name }) => name);
  if (names.includes(asked)) return;
  const near = nearestName(asked, names);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new CliError(`there is no command "${asked}"${meant}`, EXIT.usage, [
    near === undefined ? 'assay --help' : `assay ${near} --help`,
  ]);
}

async function main(argv: readonly string[]): Promise<void> {
  const { columns } = openTerminal({});
  const program = new Command('assay')
    .description('Finds out what each training sample is worth, and retrains with that knowledge, durably.')
    .version(version(), '-V, --version')
    .helpCommand('help [command]', 'help of a command')
    .showHelpAfterError('assay --help shows every command')
    .configureHelp({ visibleCommands: () => [], minWidthToWrap: 20 })
    .addHelpText('after', `\n${commandOverview(columns)}\n${PROGRAM_HELP}`)
    .usage('<command> [options]')
    // Commands that have commands share options with them.
    .enablePositionalOptions()
    .configureOutput({ getOutHelpWidth: () => columns, getErrHelpWidth: () => columns })
    .exitOverride();
  const asked = argv[0] === 'help' ? argv[1] : argv.find((word) => !word.startsWith('-'));
  if (asked !== undefined && asked !== 'help') refuseUnknown(asked);
  for (const { name, summary, load } of commandList) {
    const command = program.command(name).description(summary);
    command.showHelpAfterError(`assay ${name} --help shows its options`);
    if (name === asked) (await load()).define(withCommon(command));
  }
  await program.parseAsync([...argv], { from: 'user' });
}

// Whoever reads us through a pipe may have seen enough (`assay runs | head -1`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

main(process.argv.slice(2)).catch(async (error: unknown) => {
  if (error instanceof CommanderError) {
    // Commander has printed the help or the complaint already.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return;
  }
  const { tellFailure } = await import('./failure.js');
  const options = {
    json: process.argv.includes('--json'),
    verbose: /^(-v|--verbose)$/m.test(process.argv.join('\n')),
  };
  process.exitCode = tellFailure(error, options, openTerminal(options));
});
