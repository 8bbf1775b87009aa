import type { Command } from 'commander';
import { openTerminal, type CommonOptions, type Terminal } from './terminal.js';

/** One command: one file in commands/, one line in commandList.ts. */
export interface CommandModule {
  /** Declares arguments, options and the action. */
  define(command: Command): void;
}

/** Adds what every command has. */
export const withCommon = (command: Command): Command =>
  command
    .option('--json', 'print the result as one JSON document')
    .option('-q, --quiet', 'only the result, and what went wrong: no progress, no hints')
    .option('-v, --verbose', 'show stack traces and what goes on underneath');

/** Adds where the Temporal server is. */
export const withServer = (command: Command): Command =>
  command
    .option(
      '--address <host:port>',
      'of the Temporal server (else TEMPORAL_ADDRESS, else the one that `assay dev` runs here, else localhost:7233)',
    )
    .option('--namespace <name>', 'of the Temporal server (else TEMPORAL_NAMESPACE, else default)');

/** Adds examples below the help text. */
export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);

/**
 * Wraps what a command does as commander's action: positional arguments, options, terminal; the number that it
 * returns is the exit code.
 */
export function action<Options extends CommonOptions>(
  work: (positional: readonly string[], options: Options, terminal: Terminal) => Promise<number>,
): (this: Command) => Promise<void> {
  return async function run(this: Command): Promise<void> {
    const options = this.opts<Options>();
    process.exitCode = await work(this.args, options, openTerminal(options));
  };
}

/** Collects an option that may be given several times. */
export const collect = (value: string, previous: readonly string[]): readonly string[] => [
  ...previous,
  value,
];
