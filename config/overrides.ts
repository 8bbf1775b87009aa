import { parseDocument } from 'yaml';
import { type ConfigIssue, dotted, unknownKey } from './issues.js';
import { keysAt, schemasAt, type JsonSchema } from './schemaPaths.js';

/** One `--set a.b=c`, its value typed as YAML types it: `3`, `true`, `null`, `[1, 4]`, `text`. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Takes `--set` texts apart. What can't be read is an issue. */
export function parseOverrides(texts: readonly string[]): { overrides: Override[]; issues: ConfigIssue[] } {
  const overrides: Override[] = [];
  const issues: ConfigIssue[] = [];
  for (const text of texts) {
    const [, name, raw] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const path = (name ?? '').trim().split('.');
    if (raw === undefined || path.some((step) => !/^[\w-]+$/.test(step) || step === '__proto__')) {
      issues.push({
        path: [],
        message: `found ${JSON.stringify(text)}, expected path=value, as in --set loop.maxRounds=1`,
      });
      continue;
    }
    const document = parseDocument(raw, { version: '1.2', prettyErrors: false });
    const [error] = document.errors;
    if (error)
      issues.push({ path, message: `the value ${JSON.stringify(raw)} is not YAML: ${error.message}` });
    else overrides.push({ path, value: document.toJS({ maxAliasCount: 0 }) });
  }
  return { overrides, issues };
}

/**
 * A copy of `value` with the overrides in it. A path that no setting has is an issue and changes nothing; `null` takes a
 * setting out where null itself means nothing there.
 */
export function applyOverrides(
  value: unknown,
  overrides: readonly Override[],
  schema: JsonSchema,
): { value: unknown; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  let result = value;
  for (const { path, value: wanted } of overrides) {
    const changed = withValue(result, path, wanted);
    const wrong = path.findIndex(
      (_, depth) => schemasAt(schema, changed, path.slice(0, depth + 1)).length === 0,
    );
    if (wrong === -1)
      result = wanted === null && !takesNull(schema, changed, path) ? without(result, path) : changed;
    else issues.push(noSuchPath(schema, changed, path.slice(0, wrong + 1)));
  }
  return { value: result, issues };
}

const takesNull = (schema: JsonSchema, value: unknown, path: readonly string[]): boolean =>
  schemasAt(schema, value, path).some(({ type }) => type === undefined || type === 'null');

/** A copy without the key at the end of the path. An item of a list stays: it has no default to fall back to. */
function without(root: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof root !== 'object' || root === null) return root;
  if (rest.length > 0) return withValue(root, [step], without((root as Record<string, unknown>)[step], rest));
  if (Array.isArray(root)) return withValue(root, path, null);
  return Object.fromEntries(Object.entries(root).filter(([key]) => key !== step));
}

function noSuchPath(schema: JsonSchema, value: unknown, path: readonly string[]): ConfigIssue {
  const allowed = keysAt(schema, value, path.slice(0, -1));
  if (allowed.length > 0) return unknownKey(path, allowed);
  return { path, message: `there is nothing below ${dotted(path.slice(0, -1))}: it is a single value` };
}

function withValue(root: unknown, path: readonly string[], wanted: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return wanted;
  if (Array.isArray(root) && /^\d+$/.test(step)) {
    const copy: unknown[] = [...(root as readonly unknown[])];
    copy[Number(step)] = withValue(copy[Number(step)], rest, wanted);
    return copy;
  }
  const map = typeof root === 'object' && root !== null && !Array.isArray(root) ? root : {};
  return { ...map, [step]: withValue((map as Record<string, unknown>)[step], rest, wanted) };
}
