import { z } from 'zod';
import type { ImportanceEstimator } from './estimator.js';

const paramsSchema = z.strictObject({});

/** Every sample is worth 1: the baseline that every other estimator must beat. */
export const uniform: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'uniform',
  paramsSchema,
  requires: [],
  usesLabelSurprise: false,
  detectsLabelErrors: false,
  unit: 'none',
  notes: {
    formula: '1',
    cost: 'none',
    higherMeans: 'nothing',
    use: 'the baseline that every other must beat',
    source: 'none',
  },
  estimate({ targets }) {
    return new Float64Array(targets.length).fill(1);
  },
};
