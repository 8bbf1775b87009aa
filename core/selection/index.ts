import type { SelectConfig } from '../../contracts/featureSettings.js';
import { chi2 } from './chi2.js';
import { mutualInformation } from './mutualInformation.js';
import type { SelectionInput } from './selection.js';

/** One line per method. */
const methods = { chi2, mutual_info: mutualInformation } as const;

/**
 * The most telling features, ascending, of those that may be left out; all others stay. Of equals the first stay.
 *
 * @param selectable (d,), 1 where a feature may be left out
 */
export function selectFeatures(
  input: SelectionInput,
  selectable: Uint8Array,
  { method, features }: SelectConfig,
): { readonly kept: Int32Array; readonly scores: Float64Array } {
  const scores = methods[method].scores(input);
  const candidates = Array.from(selectable.keys()).filter((feature) => selectable[feature] === 1);
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const leftOut = new Set(candidates.slice(features));
  const kept = Int32Array.from(selectable.keys()).filter((feature) => !leftOut.has(feature));
  return { kept, scores };
}
