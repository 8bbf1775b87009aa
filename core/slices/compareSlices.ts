import type { SliceRow } from '../../contracts/detail.js';
import { enumerateSlices, type SliceInput } from './enumerateSlices.js';

/** Half-width of a 95% interval in standard errors. */
const Z95 = 1.96;

/**
 * Every slice with the mean merit of two ways of training, the weakest (by the second) first.
 *
 * @param merits per-sample merits on the same rows, (n,)
 * @returns margin: half of the 95% interval of the difference, paired over rows; 0 for one row
 */
export function compareSlices(
  input: SliceInput,
  merits: { readonly uniform: Float64Array; readonly weighted: Float64Array },
): SliceRow[] {
  return enumerateSlices(input)
    .map(({ name, rows }): SliceRow => {
      const mean = (values: Float64Array): number =>
        rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
      const [uniform, weighted] = [mean(merits.uniform), mean(merits.weighted)];
      const change = weighted - uniform;
      const squares = rows.reduce(
        (sum, row) => sum + (merits.weighted[row]! - merits.uniform[row]! - change) ** 2,
        0,
      );
      const error = rows.length > 1 ? Math.sqrt(squares / (rows.length - 1) / rows.length) : 0;
      return { name, support: rows.length, uniform, weighted, margin: Z95 * error };
    })
    .sort((a, b) => a.weighted - b.weighted || b.support - a.support);
}
