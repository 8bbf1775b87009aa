import { z } from 'zod';
import { chooseFacilities } from '../../../core/importance/facilityLocation.js';
import { chooseCenters } from '../../../core/importance/kCenter.js';
import { Rows } from '../../readFixture.js';
import type { ReferenceFamily } from './family.js';
import { matrixOf } from './matrices.js';

const Inputs = z.object({ x: Rows, budget: z.int().positive() });

/** Greedy facility location, and greedy k-center from row 0. */
export const coreset: ReferenceFamily = {
  name: 'coreset',
  read(given) {
    const { x, budget } = Inputs.parse(given);
    const facilities = chooseFacilities(matrixOf(x), budget);
    const centers = chooseCenters(matrixOf(x), budget, 0);
    const known: Record<string, unknown> = {
      facility_location: facilities.chosen,
      gains: facilities.gains,
      weights: facilities.served,
      k_center: centers.centres,
      k_center_radii: centers.radii,
      k_center_final_radius: Math.max(...centers.distances),
    };
    return (output) => known[output];
  },
};
