import { seeded } from '../random.js';
import type { CartGrower, CartSettings } from './cart.js';
import type { Tree } from './tree.js';

/** How often a bootstrap drew each row, (n,): as many draws as rows, with replacement. */
export function bootstrapCounts(rows: number, seed: number, tree: number): Float64Array {
  const random = seeded(seed, `bootstrap ${tree}`);
  const counts = new Float64Array(rows);
  for (let i = 0; i < rows; i++) counts[random.below(rows)]!++;
  return counts;
}

/**
 * Tree number `tree` of a forest: grown on a bootstrap of the rows, whose counts multiply their weights. Depends on
 * nothing but its arguments, so that a forest can be grown in any order and by many hands.
 *
 * @source Breiman, Bagging Predictors, 1996, where all features are tried at each node; else Random Forests, 2001
 */
export function growForestTree(
  grower: CartGrower,
  sampleWeights: Float64Array,
  settings: CartSettings,
  seed: number,
  tree: number,
): Tree {
  const weights = bootstrapCounts(sampleWeights.length, seed, tree);
  for (let i = 0; i < weights.length; i++) weights[i]! *= sampleWeights[i]!;
  return grower.grow(weights, settings, seeded(seed, `features ${tree}`));
}
