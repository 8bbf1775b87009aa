import { z } from 'zod';
import { leaveOneOut, tallyOfMasks, tallyOfOrders } from '../../../core/importance/utility/play.js';
import {
  banzhafWeights,
  betaWeights,
  exactSemivalues,
  shapleyWeights,
  utilityTable,
} from '../../../core/importance/utility/semivalue.js';
import { tallyValues } from '../../../core/importance/utility/tally.js';
import { cached, type Utility } from '../../../core/importance/utility/utility.js';
import type { ReferenceFamily } from './family.js';

const Inputs = z.object({
  n: z.int().positive(),
  utility_table: z.array(z.number()),
  permutations: z.array(z.array(z.int())),
  msr_masks: z.array(z.int()),
  betas: z.array(z.tuple([z.number(), z.number()])),
});

const SHAPLEY = { kind: 'permutations', alpha: 1, beta: 1, truncation: 0 } as const;

/** Semivalues of a small game, from all its coalitions and from given samples of them. */
export const game: ReferenceFamily = {
  name: 'game',
  read(given) {
    const { n, utility_table, permutations, msr_masks, betas } = Inputs.parse(given);
    const utility: Utility = cached({
      points: n,
      value: (members) => utility_table[members.reduce((mask, point) => mask | (1 << point), 0)]!,
    });
    const table = utilityTable(utility);
    const masks = msr_masks.map((mask) => Uint8Array.from({ length: n }, (_, i) => (mask >> i) & 1));
    const orders = permutations.map((order) => Int32Array.from(order));
    const shapley = exactSemivalues(table, shapleyWeights(n));
    const known: Record<string, () => unknown> = {
      shapley: () => shapley,
      banzhaf: () => exactSemivalues(table, banzhafWeights(n)),
      beta_shapley: () =>
        Object.fromEntries(
          betas.map(([a, b]) => [`${a},${b}`, exactSemivalues(table, betaWeights(n, a, b))]),
        ),
      loo: () => leaveOneOut(utility),
      permutation_shapley_on_given: () => tallyValues(tallyOfOrders(utility, orders, SHAPLEY)),
      banzhaf_msr_on_given: () => tallyValues(tallyOfMasks(utility, masks)),
      efficiency_check: () => shapley.reduce((sum, value) => sum + value, 0),
    };
    return (output) => known[output]?.();
  },
};
