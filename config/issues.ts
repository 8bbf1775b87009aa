import type { z } from 'zod';
import { withoutCredentials } from '../contracts/credentials.js';
import { ConfigError } from '../contracts/errors.js';
import { nearestName } from '../core/nearestName.js';
import { describeSchemas, keysAt, schemasAt, type JsonSchema } from './schemaPaths.js';

/** One mistake in a config. */
export interface ConfigIssue {
  /** Dotted, as `--set` takes it; empty for the whole file. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Point at the key instead of its value. */
  readonly atKey?: boolean;
}

/** A ConfigIssue as it is told: `where` is `assay.yaml:12:5`, or `--set` for what came from the command line. */
export interface PlacedIssue {
  readonly where: string;
  readonly path: string;
  readonly message: string;
}

/** Every mistake of a config at once, one line each. */
export class RunConfigError extends ConfigError {
  constructor(readonly issues: readonly PlacedIssue[]) {
    super(
      issues.map(({ where, path, message }) => `${where} ${path ? `${path}: ` : ''}${message}`).join('\n'),
    );
  }
}

/** Puts zod's findings into words: what was found, what is allowed, what was probably meant. */
export function describeZodIssues(
  error: z.ZodError,
  value: unknown,
  schema: JsonSchema,
): readonly ConfigIssue[] {
  const unknown = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey([...issue.path, key], keysAt(schema, value, issue.path)))
      : [],
  );
  const meant = new Set(unknown.flatMap(({ meantPath }) => (meantPath === undefined ? [] : [meantPath])));
  const others = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' || meant.has(dotted(issue.path))
      ? []
      : [describe(issue, value, schema)],
  );
  return [...unknown, ...others];
}

/** A name that a registry does not hold. */
export function unknownName(
  path: readonly PropertyKey[],
  what: string,
  found: string,
  known: readonly string[],
): ConfigIssue {
  return {
    path,
    message: `there is no ${what} "${found}"${didYouMean(found, known)} known: ${known.join(', ')}`,
  };
}

/** A key that a map does not have. */
export function unknownKey(
  path: readonly PropertyKey[],
  allowed: readonly string[],
): ConfigIssue & { readonly meantPath?: string } {
  const key = String(path.at(-1));
  const near = nearestName(key, allowed);
  return {
    path,
    atKey: true,
    message: `unknown key${didYouMean(key, allowed)} allowed: ${allowed.join(', ')}`,
    ...(near === undefined ? {} : { meantPath: dotted([...path.slice(0, -1), near]) }),
  };
}

/** `dataset.columns.text.0` */
export const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** A value as it stands in a message, cut short. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const said = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  const text = withoutCredentials(said);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function didYouMean(found: string, known: readonly string[]): string {
  const near = nearestName(found, known);
  return near === undefined ? ';' : `; did you mean "${near}"?`;
}

function describe(issue: z.core.$ZodIssue, value: unknown, schema: JsonSchema): ConfigIssue {
  const { path } = issue;
  const found = valueAt(value, path);
  const schemas = schemasAt(schema, value, path);
  const expected = describeSchemas(schemas);
  if (found === undefined) {
    const why = schemas.map(({ description }) => description).find((text) => text !== undefined);
    return { path, message: `is missing; expected ${expected}${why === undefined ? '' : ` (${why})`}` };
  }
  if (issue.code === 'invalid_format')
    return { path, message: `found ${show(found)}, expected ${issue.message}` };
  if (issue.code === 'invalid_key') return { path, message: `the key is not allowed here; ${issue.message}` };
  if (issue.code === 'custom') return { path, message: issue.message };
  if (issue.code === 'too_big' && issue.origin === 'array') {
    return { path, message: `found ${show(found)}, expected at most ${issue.maximum} values: ${expected}` };
  }
  const words = schemas
    .flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]))
    .map(String);
  const near = typeof found === 'string' ? nearestName(found, words) : undefined;
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return { path, message: `found ${show(found)}, expected ${expected}${hint}` };
}

/** What stands at a path of plain data; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (here, step) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, step)
        ? (here as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}
