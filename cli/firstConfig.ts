import { basename } from 'node:path';
import { peekSource } from '../activities/peekSource.js';
import { loadRunConfig } from '../config/load.js';
import { starterConfig, type StarterInput } from '../config/starter.js';
import type { SourceFiles } from '../contracts/store.js';
import { inferColumns, targetCandidates, type FeatureParts } from '../core/ingest/inferColumns.js';
import { inferRoles } from '../core/ingest/inferRoles.js';
import { INFERRED_TASKS, inferTask, type InferredTask, type TaskGuess } from '../core/ingest/inferTask.js';
import type { Ask } from './asking.js';
import {
  commaList,
  namedParts,
  refuseUnknown,
  refuseWithoutTarget,
  type ColumnOptions,
} from './describeTable.js';
import { absoluteSource } from './directories.js';
import { CliError, EXIT } from './exit.js';

const PEEK_ROWS = 5_000;

/**
 * A first assay.yaml for a table, from its first rows, the options, and answers where somebody can be asked.
 *
 * @param ask undefined where nobody can be asked
 * @throws CliError where the target isn't known, a column isn't there, or nothing is left to learn from
 */
export async function firstConfig(
  table: string,
  options: ColumnOptions & { readonly name?: string; readonly task?: InferredTask },
  sources: SourceFiles,
  ask: Ask | undefined,
): Promise<{ readonly text: string; readonly input: StarterInput }> {
  const { header, rows } = await peekSource(absoluteSource(table), sources, { limit: PEEK_ROWS });
  const target = options.target ?? (await askTarget(table, targetCandidates(header, rows), ask));
  const named = namedParts(options);
  const given = [target, options.id, options.group, ...commaList(options.ignore)]
    .concat(Object.values(named).flat())
    .filter((name) => name !== undefined);
  for (const name of given) refuseUnknown(table, name, header);
  const guess = inferTask(header, rows, target, options.task);
  const learned =
    options.target === undefined && options.task === undefined ? await askTask(guess, ask) : guess.task;
  const { task, group: grouping } = learned === guess.task ? guess : inferTask(header, rows, target, learned);
  const roles = inferRoles(header, rows, given);
  const group = options.group ?? (given.includes(grouping ?? '') ? undefined : grouping) ?? roles.group;
  if (group === undefined && task in NEEDS_GROUP) throw withoutGroup(table, task, header);
  const taken = [group, roles.time, roles.split?.column].filter((name) => name !== undefined);
  const { id: guessedId, ignored, ...guessed } = inferColumns(header, rows, [...given, ...taken]);
  const parts = partsFor(task, guessed);
  const id = options.id ?? guessedId;
  // A model that isn't told who it is recommends the same to everybody.
  const personal = task === 'recommendation' && group !== undefined ? [group] : [];
  const at = header.indexOf(target);
  const input: StarterInput = {
    name: options.name ?? nameOf(table),
    source: table,
    columns: {
      target,
      text: [...named.text, ...parts.text],
      attributes: [...named.attributes, ...parts.attributes],
      numeric: [...named.numeric, ...parts.numeric],
      categorical: [...new Set([...personal, ...named.categorical, ...parts.categorical])],
      ...(id === undefined ? {} : { id }),
      ...(group === undefined ? {} : { group }),
      ...(roles.time === undefined ? {} : { time: roles.time }),
    },
    task,
    ...(roles.split ? { split: roles.split } : {}),
    ignored: [...ignored, ...commaList(options.ignore).map((name) => ({ name, reason: 'as asked' }))],
    rows: rows.length,
    isWhole: rows.length < PEEK_ROWS,
    classes: counts(rows.map((row) => row[at] ?? null)),
  };
  return { text: checked(table, input), input };
}

/** The text, which must be one that `assay run` takes. */
function checked(table: string, input: StarterInput): string {
  try {
    const text = starterConfig(input);
    loadRunConfig(text, { path: 'assay.yaml' });
    return text;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliError(`${table}: ${cause.message}`, EXIT.usage, [`assay init ${table} --text COLUMN`], {
      cause,
    });
  }
}

const NAME = /(^|[_\s-])(id|user|customer|visitor|item|product|query|ad|campaign|page|device)$/iu;
const WORDS = /(^|[_\s-])(query|search|term|keywords?|title|name|text|description)$/iu;

/**
 * Where people click and take, numbers and words that name a user, an item, an advertisement are no amounts and no texts;
 * where queries are answered, their words are texts however often they are repeated.
 */
function partsFor(task: InferredTask, parts: FeatureParts): FeatureParts {
  const without = (names: readonly string[], pattern: RegExp): string[] =>
    names.filter((name) => !pattern.test(name));
  const { text, numeric, categorical } = parts;
  if (task === 'ranking') {
    const words = categorical.filter((name) => WORDS.test(name));
    return { ...parts, text: [...words, ...text], categorical: without(categorical, WORDS) };
  }
  if (task === 'classification') return parts;
  const names = [...text, ...numeric].filter((name) => NAME.test(name));
  return {
    ...parts,
    text: without(text, NAME),
    numeric: without(numeric, NAME),
    categorical: [...categorical, ...names],
  };
}

/** What the group of a task's rows is. */
const NEEDS_GROUP: Readonly<Partial<Record<InferredTask, string>>> = {
  ranking: 'query',
  recommendation: 'user',
};

const withoutGroup = (table: string, task: InferredTask, header: readonly string[]): CliError =>
  new CliError(
    `${table}: ${task} needs to know which column is the ${NEEDS_GROUP[task] ?? 'group'}; the file has ${header.join(', ')}`,
    EXIT.usage,
    [`assay init ${table} --task ${task} --group COLUMN`],
  );

/** Asks for the label where several columns may be it and somebody is there to answer. */
async function askTarget(
  table: string,
  candidates: readonly string[],
  ask: Ask | undefined,
): Promise<string> {
  const [likeliest] = candidates;
  if (!ask || likeliest === undefined) return refuseWithoutTarget(table, candidates, 'init');
  return ask('Which column is the label?', candidates, likeliest);
}

/** Asks beside the label what is learned of it. */
async function askTask(guess: TaskGuess, ask: Ask | undefined): Promise<InferredTask> {
  const answer = await ask?.('What is learned of it?', INFERRED_TASKS, guess.task);
  return INFERRED_TASKS.find((task) => task === answer) ?? guess.task;
}

/** A file's name without its endings, as a run's name: `Tickets 2026.csv.gz` → `tickets-2026`. */
function nameOf(table: string): string {
  const plain = basename(table)
    .toLowerCase()
    .replace(/(\.[a-z]+)+$/u, '');
  return (
    plain
      .replaceAll(/[^a-z0-9]+/gu, '-')
      .replaceAll(/^-+|-+$/gu, '')
      .slice(0, 60) || 'my-data'
  );
}

function counts(values: readonly (string | null)[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const value of values) if (value?.trim()) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}
