import { findByName } from '../nearestName.js';
import { createClassBalanced } from './classBalanced.js';
import { clip } from './clip.js';
import { confidentLearning } from './confidentLearning.js';
import { filter } from './filter.js';
import { noisePosterior } from './noisePosterior.js';
import type { WeightingPolicy } from './policy.js';
import { rank } from './rank.js';
import { ruleAgreement } from './ruleAgreement.js';
import { softmax } from './softmax.js';
import { sourceNoise } from './sourceNoise.js';
import { sourceTrust } from './sourceTrust.js';
import { uniform } from './uniform.js';

/** One line per policy that stands on its own. */
const plain = [
  uniform,
  clip,
  softmax,
  rank,
  filter,
  confidentLearning,
  noisePosterior,
  sourceNoise,
  ruleAgreement,
  sourceTrust,
] as const satisfies readonly WeightingPolicy[];

/** `clip` (or another policy, by its parameter `of`) with mean 1 inside each class. */
export const classBalanced = createClassBalanced(plain);

/** Every policy. The CLI, RunConfig, the loop and the conformance test read this list. */
export const policies = [...plain, classBalanced] as const satisfies readonly WeightingPolicy[];

/**
 * The policy of that name. `class_balanced(NAME)` is `class_balanced` over the policy NAME.
 *
 * @throws ConfigError that lists the known names and the nearest one
 */
export function policyByName(name: string): WeightingPolicy {
  const wrapped = /^class_balanced\((.+)\)$/.exec(name)?.[1];
  if (wrapped === undefined) return findByName<WeightingPolicy>('loop.policies', policies, name);
  const { name: of } = findByName<WeightingPolicy>('loop.policies: class_balanced', plain, wrapped);
  return {
    name,
    paramsSchema: policyByName(of).paramsSchema,
    weights: (input, params) => classBalanced.weights(input, { of, params }),
  };
}

export { clip, confidentLearning, filter, noisePosterior, rank, softmax, uniform };
export { balanceWithinClasses, type ClassBalancedParams } from './classBalanced.js';
export { effectiveSampleSize } from './effectiveSampleSize.js';
export { fitNoisePosterior, type NoiseFit, type NoiseFitOptions } from './noiseModel.js';
export { fitSourceTrust, type TrustFit } from './sourceTrust.js';
export { shuffleGroups, shuffleWithin, strataOf } from './shuffle.js';
export { temperatureFor } from './softmax.js';
export { weighSamples } from './weighSamples.js';
export { weigh, type WeighOptions, type Weighing } from './weigh.js';
export type { PolicyInput, WeightingPolicy } from './policy.js';
