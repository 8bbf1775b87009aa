import { z } from 'zod';
import { addLearner, emptyOutOfBag, outOfBagValues } from '../../../core/importance/outOfBag.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';

const Inputs = z.object({
  y: z.array(z.number()),
  in_bag_counts: Rows,
  predictions: Rows,
  task: z.enum(['classification', 'regression']),
});

/** Data-OOB of given bootstraps and predictions: of classes 1[y = ŷ], of numbers −(y − ŷ)². */
export const dataOob: ReferenceFamily = {
  name: 'data_oob',
  read(given) {
    const { y, in_bag_counts, predictions, task } = Inputs.parse(given);
    const outOfBag = emptyOutOfBag(y.length);
    in_bag_counts.forEach((counts, b) => {
      addLearner(outOfBag, counts, (row) => {
        const guess = predictions[b]![row]!;
        return task === 'classification' ? Number(guess === y[row]) : -((guess - y[row]!) ** 2);
      });
    });
    const known: Record<string, unknown> = { values: outOfBagValues(outOfBag), oob_counts: outOfBag.counts };
    return (output) => known[output];
  },
};
