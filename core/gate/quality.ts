import { seeded } from '../random.js';
import { bootstrapMeans, quantile, weightedMean } from '../statistics/bootstrap.js';
import { ALL_ROWS, points, replicatesFor, type Check } from './check.js';
import type { GateInput } from './gate.js';

/** Whether the challenger is better than the champion over all rows, or not inferior. */
export function checkQuality(input: GateInput, level: number): Check {
  const { champion, challenger, groups, config, openings, seed } = input;
  const metric = input.metric ?? 'metric';
  const isStrict = config.require === 'better';
  const bound = isStrict ? 0 : -config.margin;
  const name = isStrict ? `better ${metric}` : `${metric} not inferior`;
  const base = {
    ...{ name, metric, slice: ALL_ROWS, threshold: bound },
    allowed: `a lower bound above ${points(bound)} points`,
  };
  if (champion === null) {
    const found = `${(100 * weightedMean(challenger)).toFixed(2)}%, no champion yet`;
    const detail = 'The first model of a name has nothing to be compared with.';
    return { ...base, passed: true, found, detail };
  }
  const values = challenger.map((merit, i) => merit - champion[i]!);
  const replicates = replicatesFor(level);
  const means = bootstrapMeans({ values, groups, replicates, random: seeded(seed, 'gate.quality') });
  const [low, high] = [quantile(means, level), quantile(means, 1 - level)];
  return {
    ...base,
    passed: low > bound,
    found: `${points(weightedMean(values))} points (lower bound ${points(low)})`,
    detail:
      `Paired bootstrap by group, ${replicates} resamples, one-sided level ${level.toPrecision(3)} ` +
      `(opening ${openings} of this test set).`,
    interval: { low, high },
  };
}
