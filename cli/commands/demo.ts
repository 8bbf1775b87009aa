import { InvalidArgumentError } from 'commander';
import { RunConfig } from '../../config/runConfig.js';
import { MissingToolError } from '../../contracts/errors.js';
import { materialise, type Materialised } from '../../infra/datasets.js';
import { ensureTensorflow } from '../../infra/tensorflow/findTensorflow.js';
import { modelByName, models } from '../../models/index.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { tellDownloads, withDownloadBar } from '../downloads.js';
import { remember } from '../records.js';
import { newRunId, startRun } from '../startRun.js';
import { standalone } from '../standalone.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface DemoOptions extends CommonOptions {
  readonly data: string;
  readonly model: string;
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
      'assay demo --data synthetic_tiny --model lstm',
      'assay demo --keep',
    ])
      .option(
        '-d, --data <name>',
        'a built-in set: synthetic, synthetic_tiny (20 times smaller), banking77, clinc150 …',
        DEFAULT_SET,
      )
      .option('-m, --model <name>', `what is trained: ${models.map(({ name }) => name).join(', ')}`, 'linear')
      .option('--noise <share>', 'share of training and validation labels to flip (made-up sets: 0.2)', share)
      .option('--seed <number>', 'of the run and of what is planted', wholeNumber, 42)
      .option('--keep', 'leave Temporal and the workers running at the end, until Ctrl-C')
      .action(action<DemoOptions>((_, options, terminal) => play(options, terminal)));
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

async function play({ data, model, noise, seed, keep }: DemoOptions, terminal: Terminal): Promise<number> {
  const { usesEngine } = modelByName(model);
  const where = directories();
  const { bold } = terminal.colors;
  const made = await materialise(data, {
    outDirectory: where.data,
    onProgress: tellDownloads(terminal),
    seed,
    ...(noise === undefined ? {} : { noise: { rate: noise, seed } }),
  });
  terminal.aside(`${bold('assay demo')}: ${data}, ${made.table}`);
  if (usesEngine) await fetchTensorflow(terminal);
  return standalone(where, terminal, keep === true, async (server) => {
    const runId = await startRun(server, demoConfig(data, made, seed, model), newRunId(data, new Date()));
    remember(where, runId, { truth: made.truth });
    return runId;
  });
}

/** TensorFlow is fetched and built where it is missing; where it can't be had, wasm computes. */
async function fetchTensorflow(terminal: Terminal): Promise<void> {
  const log = (line: string): void => terminal.note(line);
  try {
    await withDownloadBar(terminal, (onProgress) => ensureTensorflow({ onProgress, log }));
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    log(error.message);
    log('networks are computed by wasm now: the demo takes many times longer');
  }
}

const MANY_FITS = {
  importance: { folds: 3, refinements: 0 },
  loop: { outerFolds: 3, maxRounds: 3, strengths: [0.25, 1, 4] },
  crossValidate: { folds: 3 },
} as const;

/** A network takes minutes where a linear model takes a second. */
const FEW_FITS = {
  importance: { folds: 2 },
  loop: { outerFolds: 2, maxRounds: 1, policies: ['clip', 'confident_learning'], strengths: [64] },
  crossValidate: { folds: 0 },
};

/** The main job, small enough for two minutes on two cores with the linear model. */
export function demoConfig(
  name: string,
  { dataset, preset }: Pick<Materialised, 'dataset' | 'preset'>,
  seed: number,
  model = 'linear',
): RunConfig {
  return RunConfig.parse({
    name,
    seed,
    dataset,
    model: { name: model },
    ...(preset.clean === undefined ? {} : { clean: preset.clean }),
    features: preset.features ?? { words: { ngrams: [1, 2] } },
    ...(modelByName(model).usesEngine ? FEW_FITS : MANY_FITS),
    analyse: { bootstraps: 500 },
  });
}
