import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { peekSource } from '../activities/peekSource.js';
import { loadRunConfig } from '../config/load.js';
import { starterConfig, type StarterInput } from '../config/starter.js';
import type { SourceFiles } from '../contracts/store.js';
import { inferColumns, targetCandidates } from '../core/ingest/inferColumns.js';
import { inferRoles } from '../core/ingest/inferRoles.js';
import {
  commaList,
  namedParts,
  refuseUnknown,
  refuseWithoutTarget,
  type ColumnOptions,
} from './describeTable.js';
import { absoluteSource } from './directories.js';
import { CliError, EXIT } from './exit.js';
import type { Terminal } from './terminal.js';

const PEEK_ROWS = 5_000;

/**
 * A first assay.yaml for a table, from its first rows, the options, and answers where somebody can be asked.
 *
 * @throws CliError where the target isn't known, a column isn't there, or nothing is left to learn from
 */
export async function firstConfig(
  table: string,
  options: ColumnOptions & { readonly name?: string },
  sources: SourceFiles,
  terminal: Terminal,
): Promise<{ readonly text: string; readonly input: StarterInput }> {
  const { header, rows } = await peekSource(absoluteSource(table), sources, { limit: PEEK_ROWS });
  const target = options.target ?? (await askTarget(table, targetCandidates(header, rows), terminal));
  const named = namedParts(options);
  const given = [target, options.id, options.group, ...commaList(options.ignore)]
    .concat(Object.values(named).flat())
    .filter((name) => name !== undefined);
  for (const name of given) refuseUnknown(table, name, header);
  const roles = inferRoles(header, rows, given);
  const group = options.group ?? roles.group;
  const taken = [group, roles.time, roles.split?.column].filter((name) => name !== undefined);
  const { id: guessedId, ignored, ...parts } = inferColumns(header, rows, [...given, ...taken]);
  const id = options.id ?? guessedId;
  const at = header.indexOf(target);
  const input: StarterInput = {
    name: options.name ?? nameOf(table),
    source: table,
    columns: {
      target,
      text: [...named.text, ...parts.text],
      attributes: [...named.attributes, ...parts.attributes],
      numeric: [...named.numeric, ...parts.numeric],
      categorical: [...named.categorical, ...parts.categorical],
      ...(id === undefined ? {} : { id }),
      ...(group === undefined ? {} : { group }),
      ...(roles.time === undefined ? {} : { time: roles.time }),
    },
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

/** Asks for the label where several columns may be it and somebody is there to answer. */
async function askTarget(table: string, candidates: readonly string[], terminal: Terminal): Promise<string> {
  if (!terminal.isInteractive || !process.stdin.isTTY || candidates.length === 0) {
    return refuseWithoutTarget(table, candidates, 'init');
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const [likeliest = ''] = candidates;
    const answer = await prompt.question(
      `Which column is the label? ${candidates.slice(0, 8).join(', ')} [${likeliest}] `,
    );
    return answer.trim() || likeliest;
  } finally {
    prompt.close();
  }
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
