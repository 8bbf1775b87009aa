import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import { checkEvidence } from '../importance/evidence.js';
import { groupMeans } from '../importance/queryPvi.js';
import type { PolicyInput, WeightingPolicy } from './policy.js';
import { weigh, type WeighOptions, type Weighing } from './weigh.js';

/**
 * From scores to weights in one call: the policy's raw weights, then `weigh`.
 *
 * @throws ConfigError where a parameter is wrong
 * @throws RangeError where the input has a wrong shape
 */
export function weighSamples(
  policy: WeightingPolicy,
  input: PolicyInput,
  {
    params = {},
    alike,
    ...options
  }: WeighOptions & {
    readonly params?: unknown;
    /** Samples of one group get its mean weight, (n,). */
    readonly alike?: Int32Array;
  } = {},
): Weighing {
  checkEvidence(input.evidence);
  if (input.scores.length !== input.evidence.targets.length) {
    throw new RangeError(
      `scores: expected ${input.evidence.targets.length}, one a sample, got ${input.scores.length}`,
    );
  }
  const parsed = policy.paramsSchema.safeParse(params);
  if (!parsed.success) {
    throw new ConfigError(`parameters of the policy ${policy.name}: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  const raw = policy.weights(input, parsed.data);
  return weigh(alike ? groupMeans(raw, alike) : raw, options);
}
