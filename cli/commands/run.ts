import type { RunConfig } from '../../config/runConfig.js';
import type { Successor } from '../../contracts/run.js';
import { materialise } from '../../infra/datasets.js';
import { action, collect, withExamples, withServer, type CommandModule } from '../command.js';
import { readRunConfig } from '../configFile.js';
import { absoluteSource, directories, type Directories } from '../directories.js';
import { tellDownloads } from '../downloads.js';
import { EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
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

const BUILTIN = 'builtin:';

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
  const { dataset, truth = successor && recall(where, successor.of)?.truth } = await prepareSource(
    config.dataset,
    where,
    terminal,
  );
  const prepared = { ...config, dataset, ...(await preparePretraining(config, where, terminal)) };
  const runId = await startRun(server, prepared, newRunId(config.name, new Date()), successor);
  remember(where, runId, truth === undefined ? {} : { truth });
  return runId;
}

async function prepareSource(
  dataset: RunConfig['dataset'],
  where: Directories,
  terminal: Terminal,
): Promise<{ dataset: RunConfig['dataset']; truth?: string }> {
  const { source, plantNoise } = dataset;
  if (typeof source !== 'string' || !source.startsWith(BUILTIN)) {
    const absolute =
      typeof source === 'string' ? absoluteSource(source) : source.map((one) => absoluteSource(one));
    return { dataset: { ...dataset, source: absolute } };
  }
  const { table, truth } = await materialise(source.slice(BUILTIN.length), {
    outDirectory: where.data,
    onProgress: tellDownloads(terminal),
    ...(plantNoise === undefined ? {} : { noise: plantNoise }),
  });
  return { dataset: { ...dataset, source: table }, truth };
}

/** Text and encoders that a network starts from: workers find them wherever they were started. */
async function preparePretraining(
  { pretrain, model }: RunConfig,
  where: Directories,
  terminal: Terminal,
): Promise<Pick<RunConfig, 'model'> & Partial<Pick<RunConfig, 'pretrain'>>> {
  const started = {
    model:
      model.from === undefined
        ? model
        : ({ ...model, from: absoluteSource(model.from) } as RunConfig['model']),
  };
  if (pretrain?.source === undefined) return started;
  const source: string[] = [];
  for (const uri of [pretrain.source].flat()) {
    if (!uri.startsWith(BUILTIN)) source.push(absoluteSource(uri));
    else {
      const options = { outDirectory: where.data, onProgress: tellDownloads(terminal) };
      source.push((await materialise(uri.slice(BUILTIN.length), options)).table);
    }
  }
  return { ...started, pretrain: { ...pretrain, source } };
}
