import { z } from 'zod';
import { areasUnderMargin } from '../../../core/importance/aum.js';
import { dataMap, meanOverEpochs } from '../../../core/importance/cartography.js';
import { correctByEpoch } from '../../../core/importance/dynamics.js';
import { errorNorms } from '../../../core/importance/el2n.js';
import { forgettingEvents } from '../../../core/importance/forgetting.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { toRows } from './rows.js';

const Inputs = z.object({ logits: z.array(Rows), labels: z.array(z.number()) });

/** AUM, EL2N, cartography and forgetting of logged logits. */
export const trainingDynamics: ReferenceFamily = {
  name: 'training_dynamics',
  read(given) {
    const { logits, labels } = Inputs.parse(given);
    const [n, epochs] = [labels.length, logits.length];
    const dynamics = {
      epochs,
      logits: Float64Array.from(logits.flat(2)),
      targets: Int32Array.from(labels),
      outputs: logits[0]![0]!.length,
    };
    const norms = errorNorms(dynamics);
    const { events, firstLearned } = forgettingEvents(dynamics);
    const known: Record<string, unknown> = {
      aum: areasUnderMargin(dynamics),
      el2n_per_epoch: toRows(norms, n),
      el2n_mean: meanOverEpochs(norms, epochs, n),
      ...dataMap(dynamics),
      forgetting: events,
      first_learned: firstLearned,
      never_learned: Array.from(firstLearned, (epoch) => epoch < 0),
      correct: toRows(Float64Array.from(correctByEpoch(dynamics)), n),
    };
    return (output) => known[output];
  },
};
