import { z } from 'zod';
import type { ImportanceEstimator } from './estimator.js';

const paramsSchema = z.strictObject({});

/** A uniform number in [0, 1) a sample: what an estimator without any knowledge would do. */
export const random: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'random',
  paramsSchema,
  requires: [],
  usesLabelSurprise: false,
  detectsLabelErrors: false,
  unit: 'none',
  notes: {
    formula: 'a uniform number in [0, 1)',
    cost: 'none',
    higherMeans: 'nothing',
    use: 'a control: what an estimator without knowledge finds',
    source: 'none',
  },
  estimate({ targets }, _params, stream) {
    return Float64Array.from(targets, () => stream.next());
  },
};
