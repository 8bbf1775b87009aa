import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditFile, type AuditedFile } from '../../activities/auditFile.js';
import { peekSource } from '../../activities/peekSource.js';
import { Columns, DatasetConfig, FeaturesConfig } from '../../contracts/settings.js';
import type { SourceFiles } from '../../contracts/store.js';
import { inferColumns, targetCandidates } from '../../core/ingest/inferColumns.js';
import { nearestName } from '../../core/nearestName.js';
import { createSources } from '../../storage/sources.js';
import { auditLines, auditSummary } from '../auditText.js';
import { checkAuditFormat, writeAudit } from '../auditTable.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { readRunConfig } from '../configFile.js';
import { absoluteSource } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { stepProgress } from '../stepProgress.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ScoreOptions extends CommonOptions {
  readonly target?: string;
  readonly id?: string;
  readonly group?: string;
  readonly text?: string;
  readonly attributes?: string;
  readonly numeric?: string;
  readonly categorical?: string;
  readonly ignore?: string;
  readonly folds: string;
  readonly seed: string;
  readonly top: string;
  readonly out?: string;
}

const STRENGTHS = [1, 4, 16];
const PEEK_ROWS = 1_000;
const list = (names: string | undefined): string[] =>
  (names ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** `assay score FILE` */
export const score: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay score tickets.csv --target intent',
      'assay score reviews.parquet --target stars --text title,body --out scores.csv',
      'assay score assay.yaml --top 50',
    ])
      .argument('<file>', 'a table (CSV, TSV, JSONL, Parquet; gzip), or an assay.yaml that describes one')
      .option('-t, --target <column>', 'the label')
      .option('--id <column>', 'stable id of a row')
      .option('--group <column>', 'rows of one group stay on one side of every fold')
      .option('--text <columns>', 'free text, separated by commas')
      .option('--attributes <columns>', 'lists of "key: value; key: value"')
      .option('--numeric <columns>', 'numbers')
      .option('--categorical <columns>', 'categories')
      .option('--ignore <columns>', 'play no part')
      .option('--folds <n>', 'every prediction comes from a model that never saw the row', '5')
      .option('--seed <n>', 'of folds and samples', '42')
      .option('--top <n>', 'how many suspected rows to show', '10')
      .option('-o, --out <file>', 'write every row with its scores: .csv, .jsonl or .parquet')
      .addHelpText(
        'after',
        '\nColumns that no option names are guessed from their content; the guess is shown.',
      )
      .action(action<ScoreOptions>(scoreFile));
  },
};

async function scoreFile(
  [file = '']: readonly string[],
  options: ScoreOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.out !== undefined) checkAuditFormat(options.out);
  const scratch = mkdtempSync(join(tmpdir(), 'assay-score-'));
  const sources = createSources({ scratchDirectory: scratch });
  const bar = stepProgress(terminal, 'judging labels');
  try {
    const { dataset, features, guess } = await describe(file, options, sources);
    if (guess !== undefined) terminal.note(terminal.colors.dim(guess));
    const audited = await untilInterrupted((signal) =>
      auditFile(
        {
          ...{ dataset, features, strengths: STRENGTHS },
          folds: wholeNumber('--folds', options.folds, 2),
          seed: wholeNumber('--seed', options.seed, 0),
        },
        { sources, signal, progress: bar.update },
      ),
    );
    bar.stop();
    if (options.out !== undefined) await writeAudit(audited, options.out, scratch);
    tell(audited, file, dataset, options, terminal);
    return EXIT.ok;
  } finally {
    bar.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tell(
  audited: AuditedFile,
  file: string,
  dataset: DatasetConfig,
  options: ScoreOptions,
  terminal: Terminal,
): void {
  const top = wholeNumber('--top', options.top, 0);
  terminal.json(auditSummary(audited, file, dataset.columns, top));
  for (const line of auditLines(audited, file, dataset.columns, top, terminal)) terminal.line(line);
  if (options.out !== undefined) terminal.line(`\nevery row with its scores: ${options.out}`);
}

/** What the table is: from assay.yaml, or from the options and a guess. */
async function describe(
  file: string,
  options: ScoreOptions,
  sources: SourceFiles,
): Promise<{ dataset: DatasetConfig; features: FeaturesConfig; guess?: string }> {
  if (/\.ya?ml$/iu.test(file)) {
    const { dataset, features } = readRunConfig(file, []);
    return { dataset, features };
  }
  const { header, rows } = await peekSource(absoluteSource(file), sources, { limit: PEEK_ROWS });
  const target = options.target ?? refuseWithoutTarget(file, targetCandidates(header, rows));
  const named = {
    text: list(options.text),
    attributes: list(options.attributes),
    numeric: list(options.numeric),
    categorical: list(options.categorical),
  };
  const single = { target, id: options.id, group: options.group };
  const taken = [...Object.values(named).flat(), ...Object.values(single), ...list(options.ignore)].filter(
    (name) => name !== undefined,
  );
  for (const name of taken) refuseUnknown(file, name, header);
  const { id, ignored, ...guessed } = inferColumns(header, rows, taken);
  const isDescribed = Object.values(named).some((names) => names.length > 0);
  const parts = isDescribed ? named : guessed;
  const columns = Columns.parse({
    target,
    ...parts,
    ...(options.group === undefined ? {} : { group: options.group }),
    ...((options.id ?? id) === undefined ? {} : { id: options.id ?? id }),
  });
  const dataset = DatasetConfig.parse({ source: absoluteSource(file), columns });
  const told = Object.entries({
    ...parts,
    id: id === undefined ? [] : [id],
    ignored: ignored.map(({ name }) => name),
  });
  const guess = told.flatMap(([part, names]) => (names.length > 0 ? [`${part}: ${names.join(', ')}`] : []));
  return {
    dataset,
    features: FeaturesConfig.parse({}),
    ...(isDescribed ? {} : { guess: `columns by their content: target: ${target}; ${guess.join('; ')}` }),
  };
}

function refuseWithoutTarget(file: string, candidates: readonly string[]): never {
  const likely = candidates.slice(0, 3);
  throw new CliError(
    `which column is the label? ${likely.length > 0 ? `It may be ${likely.join(', ')}` : 'None looks like one'}`,
    EXIT.usage,
    likely.map((name) => `assay score ${file} --target ${name}`),
  );
}

function refuseUnknown(file: string, name: string, header: readonly string[]): void {
  if (header.includes(name)) return;
  const near = nearestName(name, header);
  throw new CliError(
    `${file}: there is no column "${name}"; the file has ${header.join(', ')}${near ? `; did you mean "${near}"?` : ''}`,
    EXIT.usage,
  );
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new CliError(`${option}: expected a whole number of at least ${least}, got "${text}"`, EXIT.usage);
}
