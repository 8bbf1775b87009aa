import type { Random } from '../random.js';

/**
 * The same weights dealt out anew among the samples of each stratum: a control that keeps the weights' distribution
 * in every stratum and destroys what they know of single samples.
 *
 * @param strata (n,); for the shuffles that runs report, class × fold (`strataOf`)
 */
export function shuffleWithin(weights: Float64Array, strata: Int32Array, random: Random): Float64Array {
  const members = new Map<number, number[]>(); // stratum → rows
  strata.forEach((stratum, row) => {
    const rows = members.get(stratum);
    if (rows) rows.push(row);
    else members.set(stratum, [row]);
  });
  const shuffled = new Float64Array(weights.length);
  for (const stratum of [...members.keys()].sort((a, b) => a - b)) {
    const rows = members.get(stratum)!;
    const from = random.shuffle(Int32Array.from(rows));
    rows.forEach((row, place) => (shuffled[row] = weights[from[place]!]!));
  }
  return shuffled;
}

/**
 * The same for weights that all samples of a group share: dealt out anew among the groups of each stratum.
 *
 * @param strata (n,), one for all samples of a group
 */
export function shuffleGroups(
  weights: Float64Array,
  groups: Int32Array,
  strata: Int32Array,
  random: Random,
): Float64Array {
  const firsts = new Map<number, number>(); // group → its first row
  groups.forEach((group, row) => void (firsts.has(group) || firsts.set(group, row)));
  const rows = [...firsts.values()];
  const dealt = shuffleWithin(
    Float64Array.from(rows, (row) => weights[row]!),
    Int32Array.from(rows, (row) => strata[row]!),
    random,
  );
  const byGroup = new Map([...firsts.keys()].map((group, at) => [group, dealt[at]!]));
  return Float64Array.from(groups, (group) => byGroup.get(group)!);
}

/** Number of the (class, fold) that each sample is in, shape (n,). */
export function strataOf(targets: Int32Array, outputs: number, folds?: Int32Array): Int32Array {
  return targets.map((target, row) => target + outputs * (folds?.[row] ?? 0));
}
