import type { Model } from '../contracts/model.js';
import type { SearchSpace } from '../contracts/tune.js';
import { valueAt } from '../core/loop/searchSpace.js';
import { nearestName } from '../core/nearestName.js';
import { models } from '../models/index.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** Places in a range whose values the model is asked about. */
const PROBES = [0, 0.25, 0.5, 0.75, 1];

const modelOf = ({ model: { name } }: RunConfig): Model | undefined =>
  (models as readonly Model[]).find((one) => one.name === name);

/** Names what is searched, where the configuration leaves it to the model. */
export function withSearchDefaults(config: RunConfig): RunConfig {
  const { tune } = config;
  const model = modelOf(config);
  if (!tune || tune.search || !model?.search) return config;
  const params = model.paramsSchema.safeParse(paramsOf(config));
  return params.success ? { ...config, tune: { ...tune, search: model.search(params.data) } } : config;
}

const paramsOf = ({ model }: RunConfig): Record<string, unknown> =>
  Object.fromEntries(Object.entries(model).filter(([key]) => key !== 'name' && key !== 'from'));

/** Searches that can't find anything: parameters that the model doesn't have, values that it refuses, nothing to search. */
export function tuneNeeds(config: RunConfig): ConfigIssue[] {
  const { tune, crossValidate, budget } = config;
  const model = modelOf(config);
  if (!tune || !model) return []; // told of already
  const issues: ConfigIssue[] = [];
  if (Object.keys(tune.search ?? {}).length === 0) {
    const message = `model ${model.name} has nothing to search of itself (its ${model.regularisation.param} is tuned by loop.strengths); name parameters under tune.search, or leave tune out`;
    issues.push({ path: ['tune'], message, atKey: true });
  }
  if (tune.nested && crossValidate.folds === 0) {
    const message = 'searches in the folds of crossValidate, and crossValidate.folds is 0';
    issues.push({ path: ['tune', 'nested'], message });
  }
  if (tune.budget?.cost !== undefined && (tune.budget.costPerHour ?? budget.costPerHour) === undefined) {
    const message = 'a budget of cost needs costPerHour beside it: what an hour of the run costs';
    issues.push({ path: ['tune', 'budget', 'cost'], message });
  }
  for (const [name, values] of Object.entries(tune.search ?? {})) {
    const message = refusal(config, model, name, values);
    if (message !== undefined) issues.push({ path: ['tune', 'search', name], message });
  }
  return issues;
}

/** Why a parameter can't be searched so; undefined where it can. */
function refusal(
  config: RunConfig,
  model: Model,
  name: string,
  values: SearchSpace[string],
): string | undefined {
  if (name === model.regularisation.param)
    return `${name} is tuned for every trial and every candidate: name its values in loop.strengths`;
  if (!Array.isArray(values)) {
    const { from, to, scale, integer } = values;
    if (from >= to) return `found from ${from} to ${to}, expected the smaller end first`;
    if (scale === 'log' && from <= 0) return `found from ${from}; a range on a log scale begins above 0`;
    if (integer && !(Number.isInteger(from) && Number.isInteger(to)))
      return `found ${from} to ${to}, expected whole numbers at both ends (integer: true)`;
  }
  const tried = Array.isArray(values) ? values : PROBES.map((place) => valueAt(values, place));
  for (const value of tried) {
    const parsed = model.paramsSchema.safeParse({ ...paramsOf(config), [name]: value });
    const issue = parsed.error?.issues.find(
      ({ path, code }) => path[0] === name || code === 'unrecognized_keys',
    );
    if (issue?.code === 'unrecognized_keys') return unknownParam(model, name);
    if (issue) return `model ${model.name} takes no ${name} of ${JSON.stringify(value)}: ${issue.message}`;
  }
  return undefined;
}

function unknownParam(model: Model, name: string): string {
  const known = Object.keys(model.paramsSchema.parse({}) as object);
  const near = nearestName(name, known);
  const meant = near === undefined ? `it has ${known.join(', ')}` : `did you mean "${near}"?`;
  return `model ${model.name} has no parameter "${name}"; ${meant}`;
}
