import type { Estimate } from '../contracts/summary.js';
import { seeded } from '../core/random.js';
import { denseGroups, percentiles } from '../core/statistics/bootstrap.js';
import type { Task } from '../core/tasks/index.js';
import type { JudgedRows } from './judged.js';

/**
 * Every metric with its 95% bootstrap interval: whole groups are drawn, as often as they come up is their rows' weight.
 *
 * @param inversePropensities (n,); with them each metric is there twice, `[inverse_propensity]` being that of the rows as if all
 *   had been logged alike
 */
export function estimates(
  judged: JudgedRows,
  task: Task,
  bootstraps: number,
  seed: number,
  inversePropensities?: Float64Array,
): Record<string, Estimate> {
  const plain = task.estimated;
  const measure = task.measure(plain, judged);
  const measureAll = (weights?: Float64Array): number[] => {
    if (!inversePropensities) return measure(weights);
    const inverse = inversePropensities.map((one, i) => one * (weights?.[i] ?? 1));
    return [...measure(weights), ...measure(inverse)];
  };
  const names = [
    ...plain,
    ...(inversePropensities ? plain.map((name) => `${name}[inverse_propensity]`) : []),
  ];
  const { of, count } = denseGroups(judged.targets.length, judged.groups);
  const found = names.map(() => new Float64Array(bootstraps));
  const random = seeded(seed, 'analyse.bootstrap');
  const drawn = new Float64Array(count);
  for (let b = 0; b < bootstraps; b++) {
    drawn.fill(0);
    for (let g = 0; g < count; g++) drawn[random.below(count)]! += 1;
    measureAll(Float64Array.from(of, (group) => drawn[group]!)).forEach((value, m) => (found[m]![b] = value));
  }
  const values = measureAll();
  return Object.fromEntries(
    names.map((name, m) => [name, { value: values[m]!, ...percentiles(found[m]!.sort(), 0.95) }]),
  );
}
