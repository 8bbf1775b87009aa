import type { Command } from 'commander';
import { peekSource } from '../activities/peekSource.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import { Columns, DatasetConfig } from '../contracts/settings.js';
import type { SourceFiles } from '../contracts/store.js';
import { inferColumns, targetCandidates } from '../core/ingest/inferColumns.js';
import { nearestName } from '../core/nearestName.js';
import { readRunConfig } from './configFile.js';
import { absoluteSource } from './directories.js';
import { CliError, EXIT } from './exit.js';

/** Which column plays which part, as options say it; lists are separated by commas. */
export interface ColumnOptions {
  readonly target?: string;
  readonly id?: string;
  readonly group?: string;
  readonly text?: string;
  readonly attributes?: string;
  readonly numeric?: string;
  readonly categorical?: string;
  readonly ignore?: string;
}

/** A table ready to be read; `guess` says which columns nobody named. */
export interface DescribedTable {
  readonly dataset: DatasetConfig;
  readonly features: FeaturesConfig;
  readonly guess?: string;
}

const PEEK_ROWS = 1_000;

/** Names in a list that is separated by commas. */
export const commaList = (names: string | undefined): string[] =>
  (names ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** The feature columns that options name, by part. */
export const namedParts = ({ text, attributes, numeric, categorical }: ColumnOptions) => ({
  text: commaList(text),
  attributes: commaList(attributes),
  numeric: commaList(numeric),
  categorical: commaList(categorical),
});

/** Adds the options that say what a table's columns are. */
export const withColumns = (command: Command): Command =>
  command
    .option('-t, --target <column>', 'the label')
    .option('--id <column>', 'stable id of a row')
    .option('--group <column>', 'rows of one group stay on one side of every fold')
    .option('--text <columns>', 'free text, separated by commas')
    .option('--attributes <columns>', 'lists of "key: value; key: value"')
    .option('--numeric <columns>', 'numbers')
    .option('--categorical <columns>', 'categories')
    .option('--ignore <columns>', 'play no part');

/**
 * What a table is: from assay.yaml, or from the options and a guess.
 *
 * @throws CliError where there is no such column, or the target isn't named
 */
export async function describeTable(
  file: string,
  options: ColumnOptions,
  sources: SourceFiles,
  command: string,
): Promise<DescribedTable> {
  if (/\.ya?ml$/iu.test(file)) {
    const { dataset, features } = readRunConfig(file, []);
    return { dataset, features };
  }
  const { header, rows } = await peekSource(absoluteSource(file), sources, { limit: PEEK_ROWS });
  const target = options.target ?? refuseWithoutTarget(file, targetCandidates(header, rows), command);
  const named = namedParts(options);
  const single = { target, id: options.id, group: options.group };
  const taken = [
    ...Object.values(named).flat(),
    ...Object.values(single),
    ...commaList(options.ignore),
  ].filter((name) => name !== undefined);
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

/** @throws CliError that names the columns that look like a label */
export function refuseWithoutTarget(file: string, candidates: readonly string[], command: string): never {
  const likely = candidates.slice(0, 3);
  throw new CliError(
    `which column is the label? ${likely.length > 0 ? `It may be ${likely.join(', ')}` : 'None looks like one'}`,
    EXIT.usage,
    (likely.length > 0 ? likely : ['COLUMN']).map((name) => `assay ${command} ${file} --target ${name}`),
  );
}

/** @throws CliError that names the nearest column */
export function refuseUnknown(file: string, name: string, header: readonly string[]): void {
  if (header.includes(name)) return;
  const near = nearestName(name, header);
  throw new CliError(
    `${file}: there is no column "${name}"; the file has ${header.join(', ')}${near ? `; did you mean "${near}"?` : ''}`,
    EXIT.usage,
  );
}
