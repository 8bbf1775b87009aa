import { nearestName } from '../nearestName.js';
import { seeded } from '../random.js';
import { bootstrapInterval, weightedMean } from '../statistics/bootstrap.js';
import { signFlipMaxT } from '../statistics/signFlip.js';
import { points, replicatesFor, type Check } from './check.js';
import type { GateInput } from './gate.js';

type Slice = GateInput['slices'][number];

const INTERVAL_REPLICATES = 2_000;

/** What a slice is allowed to lose, and from how many rows on it counts. */
const limitsOf = ({ config }: GateInput, { name }: Slice) => ({
  maxLoss: config.slices[name]?.maxLoss ?? config.maxSliceLoss,
  minSupport: config.slices[name]?.minSupport ?? config.minSliceSupport,
});

/** Whether no slice with enough rows is significantly worse than with the champion, by more than it may be. */
export function checkSlices(input: GateInput, level: number): Check {
  const { champion, challenger, groups, config, seed } = input;
  const { metric = 'metric', units = 'rows' } = input;
  const slices = input.slices.filter((slice) => slice.rows.length >= limitsOf(input, slice).minSupport);
  const base = {
    ...{ name: 'slices', metric, threshold: config.maxSliceLoss },
    allowed: `no slice of at least ${config.minSliceSupport} ${units} significantly worse by more than ${(100 * config.maxSliceLoss).toFixed(2)} points`,
  };
  if (champion === null || slices.length === 0) {
    const found = champion === null ? 'no champion yet' : `no slice with enough ${units}`;
    return { ...base, passed: true, found, detail: `${slices.length} slices have enough ${units}.` };
  }
  const losses = slices.map(({ rows }) => {
    const loss = new Float64Array(challenger.length);
    for (const row of rows) loss[row] = champion[row]! - challenger[row]!;
    return loss;
  });
  const flips = Math.min(20_000, replicatesFor(level));
  const { pValues } = signFlipMaxT({
    differences: losses,
    groups,
    flips,
    random: seeded(seed, 'gate.slices'),
  });
  const judged = slices
    .map((slice, i) => {
      const loss = (weightedMean(losses[i]!) * challenger.length) / slice.rows.length;
      return { slice, loss, p: pValues[i]!, maxLoss: limitsOf(input, slice).maxLoss };
    })
    .sort((a, b) => b.loss - a.loss);
  const broken = judged.filter(({ loss, p, maxLoss }) => loss > maxLoss && p < level);
  const [worst = judged[0]!] = broken;
  const shown = (broken.length > 0 ? broken : [worst]).map(({ slice, loss, p }) => {
    const { low, high } = changeIn(slice, input, champion);
    return `${metric} of ${slice.name}: ${points(-loss)} points (95%: ${points(low)} to ${points(high)}; ${slice.rows.length} ${units}, p = ${p.toPrecision(2)})`;
  });
  const { low, high } = changeIn(worst.slice, input, champion);
  return {
    ...base,
    passed: broken.length === 0,
    found: broken.length > 0 ? shown.join('; ') : `worst of ${judged.length}: ${shown.join('')}`,
    detail: `Sign flips of groups, largest statistic over ${judged.length} slices, level ${level.toPrecision(3)}.`,
    ...{ slice: worst.slice.name, interval: { low, high }, threshold: -worst.maxLoss },
  };
}

const changeIn = ({ name, rows }: Slice, { challenger, groups, seed }: GateInput, champion: Float64Array) =>
  bootstrapInterval({
    values: Float64Array.from(rows, (row) => challenger[row]! - champion[row]!),
    groups: Int32Array.from(rows, (row) => groups[row]!),
    replicates: INTERVAL_REPLICATES,
    random: seeded(seed, `gate.slice.${name}`),
  });

/** One check for each slice that must reach a value of its own. */
export function checkNamedSlices(input: GateInput): Check[] {
  return Object.entries(input.config.slices).flatMap(([name, { minimum }]) => {
    if (minimum === undefined) return [];
    const slice = input.slices.find((one) => one.name === name);
    return [slice && slice.rows.length > 0 ? reaches(slice, minimum, input) : missing(name, minimum, input)];
  });
}

function reaches(
  slice: Slice,
  minimum: number,
  { challenger, groups, metric = 'metric', seed, units = 'rows' }: GateInput,
): Check {
  const { value, low, high } = bootstrapInterval({
    values: Float64Array.from(slice.rows, (row) => challenger[row]!),
    groups: Int32Array.from(slice.rows, (row) => groups[row]!),
    replicates: INTERVAL_REPLICATES,
    random: seeded(seed, `gate.minimum.${slice.name}`),
  });
  return {
    name: `${metric} of ${slice.name}`,
    passed: value >= minimum,
    found: `${value.toFixed(3)} (95%: ${low.toFixed(3)} to ${high.toFixed(3)}; ${slice.rows.length} ${units})`,
    allowed: `at least ${minimum}`,
    detail: `gate.slices["${slice.name}"].minimum`,
    ...{ metric, slice: slice.name, interval: { low, high }, threshold: minimum },
  };
}

/** A threshold that nothing is held against must not pass in silence. */
function missing(name: string, minimum: number, { slices, metric = 'metric' }: GateInput): Check {
  const near = nearestName(
    name,
    slices.map((slice) => slice.name),
  );
  return {
    name: `${metric} of ${name}`,
    passed: false,
    found: `no test row in this slice${near === undefined ? '' : `; did you mean "${near}"?`}`,
    allowed: `at least ${minimum}`,
    detail: `gate.slices["${name}"].minimum`,
    ...{ metric, slice: name, threshold: minimum },
  };
}
