import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import { findByName } from '../nearestName.js';
import type { WeightingPolicy } from './policy.js';

/** Which policy is balanced, and with what parameters. */
export interface ClassBalancedParams {
  readonly of: string;
  readonly params: unknown;
}

/**
 * The policy `class_balanced`, over any of the given ones: weights have mean 1 inside each class, so that weighting
 * never shifts mass between classes. A class whose weights are all 0 is weighed uniformly.
 */
export const createClassBalanced = (
  policies: readonly WeightingPolicy[],
): WeightingPolicy<ClassBalancedParams> => ({
  name: 'class_balanced',
  paramsSchema: z.strictObject({
    of: z.string().default('clip').describe('the policy whose weights are balanced'),
    params: z.unknown().prefault({}).describe('its parameters'),
  }),
  weights(input, { of, params }) {
    const policy = findByName('class_balanced.of', policies, of);
    const parsed = policy.paramsSchema.safeParse(params);
    if (!parsed.success) {
      throw new ConfigError(`class_balanced.params: wrong for ${of}: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    }
    const { targets, outputs } = input.evidence;
    return balanceWithinClasses(policy.weights(input, parsed.data), targets, outputs);
  },
});

/** Brings the mean weight inside each class to 1, shape (n,); all 1 in a class whose weights are all 0. */
export function balanceWithinClasses(
  weights: Float64Array,
  targets: Int32Array,
  outputs: number,
): Float64Array {
  const mass = new Float64Array(outputs); // Σw of the class
  const counts = new Float64Array(outputs);
  targets.forEach((target, i) => {
    mass[target]! += weights[i]!;
    counts[target]!++;
  });
  return weights.map((weight, i) => {
    const target = targets[i]!;
    return mass[target]! > 0 ? (weight * counts[target]!) / mass[target]! : 1;
  });
}
