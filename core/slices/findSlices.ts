import type { SliceSummary } from '../../contracts/summary.js';
import { seeded } from '../random.js';
import { bootstrapInterval, denseGroups, weightedMean } from '../statistics/bootstrap.js';
import { enumerateSlices, type Slice, type SliceInput } from './enumerateSlices.js';

export interface FindSlicesInput extends SliceInput {
  /** Per-sample merits of the two arms on the same rows, (n,). */
  readonly merits: { readonly uniform: Float64Array; readonly weighted: Float64Array };
  readonly groups: Int32Array; // (n,)
  readonly seed: number;
  readonly limit: number; // how many slices to return
  readonly bootstraps?: number; // default 1000
}

const ALPHA = 0.05;

/**
 * The weakest slices, worst first. A slice ranks by how far its mean merit is *certainly* below the overall mean: the
 * shortfall minus a margin that covers having looked at all slices, so that a small slice with bad luck doesn't lead.
 * An overlap of two slices is listed only where it is certainly worse than both. Slices in which the weighted arm is
 * not below its overall mean at all are left out.
 */
export function findSlices(input: FindSlicesInput): SliceSummary[] {
  const slices = enumerateSlices(input);
  const shortfalls = certainShortfalls(slices, input.merits.weighted, input.groups);
  return slices
    .map((slice, i) => ({ slice, ...shortfalls[i]! }))
    .filter(({ slice, shortfall, certain }) => {
      const parents = slice.parents ?? [];
      return shortfall > 0 && parents.every((parent) => certain > Math.max(0, shortfalls[parent]!.certain));
    })
    .sort((a, b) => b.certain - a.certain)
    .slice(0, input.limit)
    .map(({ slice }) => summarise(slice, input));
}

/** @source P(Z > z) ≤ exp(−z²/2): z = √(2 ln(slices/α)) bounds the error over all slices */
function certainShortfalls(
  slices: readonly Slice[],
  merits: Float64Array,
  groups: Int32Array,
): { shortfall: number; certain: number }[] {
  const overall = weightedMean(merits);
  const { of, count } = denseGroups(merits.length, groups);
  const residuals = new Float64Array(count);
  const z = Math.sqrt(2 * Math.log(Math.max(1, slices.length) / ALPHA));
  return slices.map(({ rows }) => {
    let sum = 0;
    for (const row of rows) sum += merits[row]!;
    const mean = sum / rows.length;
    for (const row of rows) residuals[of[row]!]! += merits[row]! - mean;
    let squares = 0;
    for (const row of rows) {
      squares += residuals[of[row]!]! ** 2;
      residuals[of[row]!] = 0;
    }
    const shortfall = overall - mean;
    return { shortfall, certain: shortfall - (z * Math.sqrt(squares)) / rows.length };
  });
}

function summarise({ name, rows }: Slice, input: FindSlicesInput): SliceSummary {
  const groups = rows.map((row) => input.groups[row]!);
  const estimate = (merits: Float64Array): SliceSummary['uniform'] =>
    bootstrapInterval({
      values: Float64Array.from(rows, (row) => merits[row]!),
      groups,
      replicates: input.bootstraps ?? 1000,
      random: seeded(input.seed, `slice.${name}`), // the same draws for both arms
    });
  return {
    name,
    support: rows.length,
    uniform: estimate(input.merits.uniform),
    weighted: estimate(input.merits.weighted),
  };
}
