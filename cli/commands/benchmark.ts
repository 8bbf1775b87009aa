import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchmarkConfig } from '../../contracts/benchmark.js';
import { BENCHMARK_WORKFLOW } from '../../contracts/names.js';
import { createSources } from '../../storage/sources.js';
import { boardLines } from '../boardLines.js';
import { benchmarkConfig, DEFAULT_DATA, type BenchmarkOptions } from '../benchmarkConfig.js';
import { readLeaderboard, writeBenchmark } from '../benchmarkFiles.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { withColumns } from '../describeTable.js';
import { directories, type Directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { outcomeOf } from '../runClient.js';
import { newRunId, startBenchmark } from '../startRun.js';
import { withServerOpen, type Server, type ServerOptions } from '../server.js';
import { stepProgress } from '../stepProgress.js';
import { plainText, type CommonOptions, type Terminal } from '../terminal.js';
import { tellStarted, watchToEnd } from '../watching.js';

interface Options extends CommonOptions, ServerOptions, BenchmarkOptions {
  readonly local?: boolean;
  readonly watch?: boolean;
  readonly out?: string;
}

const ESTIMATORS =
  'pvi,noise_posterior,self_confidence,normalized_margin,confident_learning,aum,data_oob,knn_shapley,random';

/** `assay benchmark` */
export const benchmark: CommandModule = {
  define: (command) => {
    withColumns(
      withExamples(withServer(command), [
        'assay benchmark --local --data 2dplanes --seeds 2',
        'assay benchmark --estimators all --noise uniform:0.2,instance:0.2 --watch --out board',
        'assay benchmark --table tickets.csv --target intent --local --size 500/100/300',
      ])
        .option('-d, --data <sets>', `built-in sets, separated by commas (else ${DEFAULT_DATA})`)
        .option('--table <file>', 'a table of your own, beside or instead of them')
        .option('-e, --estimators <names>', 'separated by commas, or all', ESTIMATORS)
        .option(
          '--noise <kinds>',
          'uniform, pair, class, instance or features, each with its rate; separated by commas',
          'uniform:0.2',
        )
        .option('--seeds <n>', 'trials of each data set and noise', '5')
        .option('--size <rows>', 'TRAIN/VALIDATION/TEST of a trial', '1000/100/500')
        .option('--learner <name>', 'whose predictions are the evidence: auto, logistic or trees', 'auto')
        .option('--folds <n>', 'of the out-of-fold predictions', '5')
        .option('--curves', 'also retrain along the scores in 5% steps: 40 fits a cell')
        .option('--local', 'in this process, without a server')
        .option('-w, --watch', 'follow it to its end; Ctrl-C leaves it going')
        .option('-o, --out <folder>', 'write the leaderboard there: HTML, Markdown, JSON, Parquet'),
    ).action(action<Options>(run));
  },
};

async function run(_: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  if (options.out !== undefined && !options.local && !options.watch) {
    throw new CliError('--out: results are there at the end; add --watch or --local', EXIT.usage);
  }
  const where = directories();
  const scratch = mkdtempSync(join(tmpdir(), 'assay-benchmark-'));
  try {
    const sources = createSources({ scratchDirectory: join(scratch, 'sources') });
    const config = await benchmarkConfig(options, where, sources, terminal);
    return options.local
      ? await runHere(config, options, scratch, terminal)
      : await runOnServer(config, options, { where, scratch }, terminal);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runHere(
  config: BenchmarkConfig,
  { out }: Options,
  scratch: string,
  terminal: Terminal,
): Promise<number> {
  const { benchmarkHere } = await import('../benchmarkLocal.js');
  const bar = stepProgress(terminal, 'benchmark');
  try {
    const { outputs } = await untilInterrupted((signal) =>
      benchmarkHere(config, {
        ...{ directory: scratch, signal, progress: bar.update },
        failed: (path, error) =>
          terminal.complain(`${path} failed and is left out: ${plainText(error.message)}`),
      }),
    );
    bar.stop();
    const store = { storeUri: join(scratch, 'store'), scratchDirectory: join(scratch, 'scratch') };
    const board = await readLeaderboard(outputs, store);
    const files = out === undefined ? [] : await writeBenchmark(outputs, out, store);
    terminal.json({ leaderboard: board, files });
    for (const line of boardLines(board, terminal)) terminal.line(line);
    tellFiles(files, terminal);
    return EXIT.ok;
  } finally {
    bar.stop();
  }
}

function runOnServer(
  config: BenchmarkConfig,
  options: Options,
  { where, scratch }: { readonly where: Directories; readonly scratch: string },
  terminal: Terminal,
): Promise<number> {
  return untilInterrupted((signal) =>
    withServerOpen(options, async (server) => {
      const runId = await startBenchmark(
        server,
        config,
        newRunId(config.name, new Date(), BENCHMARK_WORKFLOW),
      );
      if (!options.watch) {
        await tellStarted(server, runId, terminal);
        return EXIT.ok;
      }
      const code = await watchToEnd(server, runId, where, terminal, signal);
      if (code === EXIT.ok && options.out !== undefined) {
        tellFiles(await filesOf(server, runId, options.out, { where, scratch }), terminal);
      }
      return code;
    }),
  );
}

async function filesOf(
  server: Server,
  runId: string,
  out: string,
  { where, scratch }: { readonly where: Directories; readonly scratch: string },
): Promise<string[]> {
  const outcome = await outcomeOf(server, runId);
  if ('error' in outcome) throw new CliError(`${runId}: ${outcome.error}`, EXIT.failed);
  return writeBenchmark(outcome.outputs, out, { storeUri: where.storeUri, scratchDirectory: scratch });
}

function tellFiles(files: readonly string[], terminal: Terminal): void {
  if (files.length === 0) return;
  terminal.line();
  for (const file of files) terminal.line(file);
}
