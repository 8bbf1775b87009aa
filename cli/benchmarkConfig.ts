import { basename, extname } from 'node:path';
import {
  BenchmarkConfig,
  LearnerName,
  NoiseSpec,
  TrialSize,
  type BenchmarkData,
} from '../contracts/benchmark.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import { DatasetConfig } from '../contracts/settings.js';
import type { SourceFiles } from '../contracts/store.js';
import { EVIDENCE_OF_TRIALS } from '../core/benchmark/evidence.js';
import { estimatorByName, estimators } from '../core/importance/index.js';
import { materialise } from '../infra/datasets.js';
import { commaList, describeTable, type ColumnOptions } from './describeTable.js';
import { absoluteSource, type Directories } from './directories.js';
import { tellDownloads } from './downloads.js';
import { CliError, EXIT } from './exit.js';
import { wholeNumber } from './numbers.js';
import type { Terminal } from './terminal.js';

/** What `assay benchmark` is given. */
export interface BenchmarkOptions extends ColumnOptions {
  readonly data?: string;
  readonly table?: string;
  readonly estimators: string;
  readonly noise: string;
  readonly seeds: string;
  readonly size: string;
  readonly learner: string;
  readonly folds: string;
  readonly curves?: boolean;
}

export const DEFAULT_DATA = '2dplanes,fried,credit_default';
const MOST_CELLS = 3_000; // references to all of them must fit into one message of Temporal's

/**
 * The benchmark that the options describe; built-in sets are fetched and written below `where.data`.
 *
 * @throws CliError or ConfigError for an option that makes no sense, with the nearest name where one is unknown
 */
export async function benchmarkConfig(
  options: BenchmarkOptions,
  where: Directories,
  sources: SourceFiles,
  terminal: Terminal,
): Promise<BenchmarkConfig> {
  const settings = {
    estimators: chosenEstimators(options.estimators),
    noises: commaList(options.noise).map(parseNoise),
    seeds: Array.from({ length: wholeNumber('--seeds', options.seeds, 1) }, (_, i) => i + 1),
    size: parseSize(options.size),
    learner: oneOf('--learner', LearnerName.options, options.learner),
    folds: wholeNumber('--folds', options.folds, 2),
    curves: options.curves ?? false,
  };
  const builtin = commaList(options.data ?? (options.table === undefined ? DEFAULT_DATA : ''));
  const data: BenchmarkData[] = [];
  for (const name of builtin) data.push(await builtinData(name, where, terminal));
  if (options.table !== undefined) data.push(await tableData(options.table, options, sources, terminal));
  refuseTooMany(data.length * settings.noises.length * settings.seeds.length * settings.estimators.length);
  const name = data
    .map((one) => one.name)
    .join('-')
    .slice(0, 60);
  return BenchmarkConfig.parse({ name, data, ...settings });
}

function chosenEstimators(text: string): string[] {
  const usable = estimators.filter(({ requires }) =>
    requires.every((kind) => EVIDENCE_OF_TRIALS.includes(kind)),
  );
  if (text === 'all') return usable.map(({ name }) => name);
  const names = [...new Set(commaList(text))];
  if (names.length === 0) throw new CliError('--estimators: expected names, or all', EXIT.usage);
  for (const name of names) {
    const { requires } = estimatorByName(name);
    const missing = requires.filter((kind) => !EVIDENCE_OF_TRIALS.includes(kind));
    if (missing.length > 0)
      throw new CliError(`--estimators: ${name} needs ${missing.join(', ')}, which no trial has`, EXIT.usage);
  }
  return names;
}

function parseNoise(text: string): NoiseSpec {
  const [kind = '', rate = ''] = text.split(':');
  const parsed = NoiseSpec.safeParse({ kind, rate: rate === '' ? NaN : Number(rate) });
  if (parsed.success) return parsed.data;
  throw new CliError(
    `--noise: expected KIND:RATE, KIND one of ${NoiseSpec.shape.kind.options.join(', ')} and 0 < RATE < 1, got "${text}"`,
    EXIT.usage,
    ['assay benchmark --noise uniform:0.2'],
  );
}

function parseSize(text: string): TrialSize {
  const [train, validation, test, more] = text.split('/').map(Number);
  const parsed = TrialSize.safeParse({ train, validation, test });
  if (parsed.success && more === undefined && test !== undefined) return parsed.data;
  throw new CliError(
    `--size: expected TRAIN/VALIDATION/TEST with at least 20/2/2 rows, got "${text}"`,
    EXIT.usage,
    ['assay benchmark --size 1000/100/500'],
  );
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new CliError(`${option}: expected ${known.join(' | ')}, got "${text}"`, EXIT.usage);
}

function refuseTooMany(cells: number): void {
  if (cells <= MOST_CELLS) return;
  throw new CliError(
    `${cells} cells (data sets × noises × seeds × estimators) are more than ${MOST_CELLS}: start several benchmarks`,
    EXIT.usage,
  );
}

/** A built-in set without planted noise. */
async function builtinData(name: string, where: Directories, terminal: Terminal): Promise<BenchmarkData> {
  const { dataset, preset } = await materialise(name, {
    outDirectory: where.data,
    onProgress: tellDownloads(terminal),
    noise: { rate: 0 },
  });
  return {
    name,
    dataset: DatasetConfig.parse(dataset),
    features: FeaturesConfig.parse(preset.features ?? {}),
  };
}

async function tableData(
  file: string,
  options: ColumnOptions,
  sources: SourceFiles,
  terminal: Terminal,
): Promise<BenchmarkData> {
  const { dataset, features, guess } = await describeTable(file, options, sources, 'benchmark --table');
  if (guess !== undefined) terminal.note(terminal.colors.dim(guess));
  const source = [dataset.source].flat();
  if (source.some((uri) => uri.startsWith('builtin:')))
    throw new CliError(`${file} names a built-in set: use --data for it`, EXIT.usage);
  return {
    name: basename(file, extname(file)).replace(/[^\w.-]+/gu, '_'),
    dataset: { ...dataset, source: source.map((uri) => absoluteSource(uri)) },
    features,
  };
}
