import { InvalidArgumentError } from 'commander';
import { RunConfig } from '../../config/runConfig.js';
import { materialise, type Materialised } from '../../infra/datasets.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { tellDownloads } from '../downloads.js';
import { untilInterrupted } from '../follow.js';
import { remember } from '../records.js';
import { newRunId, startRun } from '../runClient.js';
import { withServerOpen } from '../server.js';
import { startServices } from '../services.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { watchToEnd } from '../watching.js';

interface DemoOptions extends CommonOptions {
  readonly data: string;
  readonly noise?: number;
  readonly seed: number;
  readonly keep?: boolean;
}

const DEFAULT_SET = 'synthetic';

/** `assay demo` */
export const demo: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay demo',
      'assay demo --data synthetic_tiny',
      'assay demo --data banking77 --noise 0.4',
      'assay demo --keep',
    ])
      .option(
        '-d, --data <name>',
        'a built-in set: synthetic, synthetic_tiny (20 times smaller), banking77, clinc150 …',
        DEFAULT_SET,
      )
      .option('--noise <share>', 'share of training and validation labels to flip (made-up sets: 0.2)', share)
      .option('--seed <number>', 'of the run and of what is planted', wholeNumber, 42)
      .option('--keep', 'leave Temporal and the workers running at the end, until Ctrl-C')
      .action(
        action<DemoOptions>((_, options, terminal) =>
          untilInterrupted((signal) => play(options, terminal, signal)),
        ),
      );
  },
};

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('expected a share ≥ 0 and < 1, such as 0.2.');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number ≥ 0.');
  return value;
}

async function play(
  { data, noise, seed, keep }: DemoOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const where = directories();
  const made = await materialise(data, {
    outDirectory: where.data,
    onProgress: tellDownloads(terminal),
    seed,
    ...(noise === undefined ? {} : { noise: { rate: noise, seed } }),
  });
  terminal.line(`${terminal.colors.bold('assay demo')}: ${data}, ${made.table}`);
  terminal.line(terminal.colors.dim('starting Temporal and the workers …'));
  const services = await startServices(where, {}, terminal);
  try {
    terminal.line(terminal.colors.dim(`Temporal UI ${services.uiUrl}`));
    const { address, namespace } = services;
    const code = await withServerOpen({ address, namespace }, async (server) => {
      const runId = await startRun(server, demoConfig(data, made, seed), newRunId(data, new Date()));
      remember(where, runId, { truth: made.truth });
      return watchToEnd(server, runId, where, terminal, signal, keep ? services.uiUrl : undefined);
    });
    if (keep && !signal.aborted) await keepRunning(services.uiUrl, address, terminal, signal);
    return code;
  } finally {
    await services.stop();
  }
}

/** The main job, small enough for two minutes on two cores. */
export function demoConfig(
  name: string,
  { dataset, preset }: Pick<Materialised, 'dataset' | 'preset'>,
  seed: number,
): RunConfig {
  return RunConfig.parse({
    name,
    seed,
    dataset,
    ...(preset.clean === undefined ? {} : { clean: preset.clean }),
    features: preset.features ?? { words: { ngrams: [1, 2] } },
    importance: { folds: 3 },
    loop: { outerFolds: 3, maxRounds: 3, strengths: [0.25, 1, 4] },
    crossValidate: { folds: 3 },
  });
}

async function keepRunning(
  uiUrl: string,
  address: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  terminal.note(`\nkept running: Temporal at ${address}, its UI at ${uiUrl}; Ctrl-C stops them`);
  terminal.note(`  TEMPORAL_ADDRESS=${address} assay runs`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
