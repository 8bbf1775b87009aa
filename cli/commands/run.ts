import type { RunConfig } from '../../config/runConfig.js';
import type { Successor } from '../../contracts/run.js';
import { action, collect, withExamples, withServer, type CommandModule } from '../command.js';
import { readRunConfig } from '../configFile.js';
import { directories, type Directories } from '../directories.js';
import { EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { prepareConfig } from '../preparedConfig.js';
import { recall, remember } from '../records.js';
import { newRunId, startRun } from '../startRun.js';
import { withServerOpen, type Server, type ServerOptions } from '../server.js';
import { standalone } from '../standalone.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { tellStarted, watchToEnd } from '../watching.js';
import { positive } from './worker.js';

interface RunOptions extends CommonOptions, ServerOptions {
  readonly set: readonly string[];
  readonly watch?: boolean;
  readonly standalone?: boolean;
  readonly priority?: number;
  readonly team?: string;
}

/** `assay run FILE` */
export const run: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay run assay.yaml --watch',
      'assay run assay.yaml --standalone',
      'assay run assay.yaml --set loop.maxRounds=1 --set "loop.strengths=[1, 4]"',
      'assay run examples/banking77.yaml --set dataset.plantNoise.rate=0.2',
    ])
      .argument('<file>', 'the config, such as assay.yaml')
      .option('-w, --watch', 'follow it to its end; Ctrl-C leaves it going')
      .option('--standalone', 'needs no server: starts all it needs, follows the run, and stops it again')
      .option('-s, --set <path=value>', 'override a setting; may be given several times', collect, [])
      .option(
        '--priority <1-5>',
        'on shared queues, 1 goes first; the same as --set priority.key=…',
        positive,
      )
      .option('--team <name>', 'teams share the queues fairly; the same as --set priority.team=…')
      .action(action<RunOptions>(runFile));
  },
};

async function runFile(
  [file = '']: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const { priority, team } = options;
  const config = readRunConfig(file, [
    ...options.set,
    ...(priority === undefined ? [] : [`priority.key=${priority}`]),
    ...(team === undefined ? [] : [`priority.team=${JSON.stringify(team)}`]),
  ]);
  const where = directories();
  if (options.standalone) {
    return standalone(where, terminal, false, (server) => launch(server, config, where, terminal));
  }
  return untilInterrupted((signal) =>
    withServerOpen(options, async (server) => {
      const runId = await launch(server, config, where, terminal);
      if (options.watch) return watchToEnd(server, runId, where, terminal, signal);
      await tellStarted(server, runId, terminal);
      return EXIT.ok;
    }),
  );
}

/** Makes the built-in data that a config asks for, and starts its run. */
export async function launch(
  server: Server,
  config: RunConfig,
  where: Directories,
  terminal: Terminal,
  successor?: Successor,
): Promise<string> {
  const prepared = await prepareConfig(config, where, terminal);
  const { truth = successor && recall(where, successor.of)?.truth } = prepared;
  const runId = await startRun(server, prepared.config, newRunId(config.name, new Date()), successor);
  remember(where, runId, truth === undefined ? {} : { truth });
  return runId;
}
