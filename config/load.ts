import type { z } from 'zod';
import { applyOverrides, type Override, parseOverrides } from './overrides.js';
import {
  type ConfigIssue,
  describeZodIssues,
  dotted,
  type PlacedIssue,
  RunConfigError,
  unknownName,
} from './issues.js';
import { type Named, registries as builtIn, type Registries } from './registries.js';
import { findConflicts } from './rules.js';
import { RunConfig } from './runConfig.js';
import { inputSchemaOf, type JsonSchema } from './schemaPaths.js';
import { taskNamed } from '../core/tasks/index.js';
import { withTaskDefaults } from './taskDefaults.js';
import { withSearchDefaults } from './tuneRules.js';
import { readYaml, type YamlSource } from './yamlSource.js';

export interface LoadOptions {
  /** What messages call the file. */
  readonly path: string;
  /** `a.b=c`, as `--set` takes them. */
  readonly set?: readonly string[];
  readonly registries?: Registries;
}

/**
 * Reads assay.yaml, with overrides.
 *
 * @throws RunConfigError with every mistake at once: place, value found, what is allowed, what was probably meant
 */
export function loadRunConfig(text: string, options: LoadOptions): RunConfig {
  const source = readYaml(text);
  const { overrides, issues: unreadable } = parseOverrides(options.set ?? []);
  const overridden = new Set(overrides.map(({ path }) => dotted(path)));
  const place = placer(source, options.path, overridden);
  const found: PlacedIssue[] = source.faults.map(({ at, message }) => ({
    where: `${options.path}:${at.line}:${at.column}`,
    path: '',
    message,
  }));
  found.push(...unreadable.map(({ path, message }) => ({ where: '--set', path: dotted(path), message })));
  if (source.faults.some(({ harmless }) => !harmless)) throw new RunConfigError(found);
  if (!isMap(source.value)) {
    const message = `expected a map of settings that begins with "name:", ${source.value === null ? 'the file is empty' : 'found something else'}`;
    throw new RunConfigError([...found, { where: `${options.path}:1:1`, path: '', message }]);
  }

  const schema = inputSchemaOf(RunConfig);
  const { value, issues } = applyOverrides(source.value, overrides, schema);
  found.push(...issues.map(({ path, message }) => ({ where: '--set', path: dotted(path), message })));
  const { config, issues: mistakes } = judge(value, schema, options.registries ?? builtIn);
  found.push(...mistakes.map(place));
  if (found.length > 0 || !config) throw new RunConfigError(found);
  return config;
}

/**
 * A checked configuration with new settings. Noise that was planted in it stays as it is.
 *
 * @throws RunConfigError
 */
export function withOverrides(config: RunConfig, set: readonly string[]): RunConfig {
  const { plantNoise, ...dataset } = config.dataset;
  const { overrides, issues: unreadable } = parseOverrides(set);
  const schema = inputSchemaOf(RunConfig);
  const { value, issues: unknown } = applyOverrides({ ...config, dataset }, overrides, schema);
  const { config: changed, issues } = judge(value, schema, builtIn);
  const found = [...unreadable, ...unknown, ...issues];
  if (changed && found.length === 0)
    return plantNoise ? { ...changed, dataset: { plantNoise, ...changed.dataset } } : changed;
  throw new RunConfigError(
    found.map(({ path, message }) => ({ where: '--set', path: dotted(path), message })),
  );
}

/**
 * Reads `--set` texts without a file: which settings they change. Paths and values that no config could have are issues.
 */
export function checkOverrides(texts: readonly string[]): {
  readonly overrides: readonly Override[];
  readonly issues: readonly PlacedIssue[];
} {
  const { overrides, issues: unreadable } = parseOverrides(texts);
  const schema = inputSchemaOf(RunConfig);
  const { value, issues: unknown } = applyOverrides({}, overrides, schema);
  const parsed = RunConfig.safeParse(value);
  const mistakes = parsed.success ? [] : describeZodIssues(parsed.error, value, schema);
  const changed = new Set(overrides.map(({ path }) => dotted(path)));
  const wrongValues = mistakes.filter(({ path }) =>
    path.some((_, depth) => changed.has(dotted(path.slice(0, depth + 1)))),
  );
  const issues = [...unreadable, ...unknown, ...wrongValues];
  return {
    overrides,
    issues: issues.map(({ path, message }) => ({ where: '--set', path: dotted(path), message })),
  };
}

function judge(
  value: unknown,
  schema: JsonSchema,
  registries: Registries,
): { config?: RunConfig; issues: readonly ConfigIssue[] } {
  const parsed = RunConfig.safeParse(value);
  if (!parsed.success) return { issues: describeZodIssues(parsed.error, value, schema) };
  const config = withSearchDefaults(withTaskDefaults(parsed.data, value));
  const { params, issues } = checkNames(config, registries);
  return { config: { ...config, ...params }, issues: [...issues, ...findConflicts(config)] };
}

/** Checks each name against its registry, and parameters against what their owner takes. */
function checkNames(
  config: RunConfig,
  registries: Registries,
): { params: Pick<RunConfig, 'task' | 'model' | 'importance'>; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const find = (
    what: string,
    known: readonly Named[],
    name: string,
    path: PropertyKey[],
  ): Named | undefined => {
    const hit = known.find((one) => one.name === name);
    if (!hit)
      issues.push(
        unknownName(
          path,
          what,
          name,
          known.map((one) => one.name),
        ),
      );
    return hit;
  };
  const fill = (owner: Named | undefined, value: unknown, path: PropertyKey[]): unknown => {
    if (!owner?.paramsSchema) return value;
    const parsed = owner.paramsSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    issues.push(...paramIssues(owner.paramsSchema, parsed.error, value, path));
    return value;
  };
  const { task, model, importance, loop, dataset, pretrain } = config;
  const { name: taskAsked, ...taskParams } = typeof task === 'string' ? { name: task } : task;
  const taskFound = find(
    'task',
    registries.tasks,
    taskAsked,
    typeof task === 'string' ? ['task'] : ['task', 'name'],
  );
  const taskFilled = fill(taskFound, taskParams, ['task']) as Record<string, unknown>;
  const [extra] = taskFound && !taskFound.paramsSchema ? Object.keys(taskParams) : [];
  if (extra !== undefined)
    issues.push({ path: ['task', extra], message: `the task ${taskAsked} takes nothing beside its name` });
  const estimator = find('estimator', registries.estimators, importance.estimator, [
    'importance',
    'estimator',
  ]);
  for (const [index, policy] of loop.policies.entries()) {
    // class_balanced(NAME) is a policy around a policy.
    const [, wrapper = policy, inner] = /^(\w+)\((.+)\)$/.exec(policy) ?? [];
    for (const name of inner === undefined ? [policy] : [wrapper, inner]) {
      find('policy', registries.policies, name, ['loop', 'policies', index]);
    }
  }
  if (loop.metric !== undefined && !taskNamed(taskAsked)?.metrics.includes(loop.metric))
    find('metric', registries.metrics, loop.metric, ['loop', 'metric']);
  const sources = [
    { path: ['dataset', 'source'], uris: [dataset.source].flat() },
    { path: ['pretrain', 'source'], uris: [pretrain?.source ?? []].flat() },
  ];
  for (const { path, uris } of sources) {
    for (const uri of uris.filter((one) => one.startsWith('builtin:'))) {
      find('built-in data set', registries.datasets, uri.slice('builtin:'.length), path);
    }
  }
  const { name, from, ...modelParams } = model;
  const filled = fill(find('model', registries.models, name, ['model', 'name']), modelParams, ['model']);
  const params = fill(estimator, importance.params, ['importance', 'params']);
  return {
    params: {
      task: typeof task === 'string' ? task : { ...(taskFilled as object), name: taskAsked },
      model: { ...(filled as Record<string, unknown>), name, ...(from === undefined ? {} : { from }) },
      importance: { ...importance, params: params as RunConfig['importance']['params'] },
    },
    issues,
  };
}

function paramIssues(
  schema: z.ZodType,
  error: z.ZodError,
  value: unknown,
  prefix: readonly PropertyKey[],
): ConfigIssue[] {
  return describeZodIssues(error, value, inputSchemaOf(schema)).map((issue) => ({
    ...issue,
    path: [...prefix, ...issue.path],
  }));
}

function placer(source: YamlSource, file: string, overridden: ReadonlySet<string>) {
  return ({ path, message, atKey }: ConfigIssue): PlacedIssue => {
    const steps = path.map((_, depth) => dotted(path.slice(0, depth + 1)));
    if (steps.some((step) => overridden.has(step))) return { where: '--set', path: dotted(path), message };
    const { line, column } = source.positionOf(path, atKey ? 'key' : 'value');
    return { where: `${file}:${line}:${column}`, path: dotted(path), message };
  };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
