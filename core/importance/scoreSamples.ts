import { ConfigError } from '../../contracts/errors.js';
import { z } from 'zod';
import { seeded, type Random } from '../random.js';
import type { Evidence, ImportanceEstimator } from './estimator.js';
import { checkEvidence, withEvidence } from './evidence.js';

/** How to score, beyond the evidence. */
export interface ScoreOptions {
  /** Parameters of the estimator, not yet parsed. @default its own defaults */
  readonly params?: unknown;
  /** Where the estimator's chance comes from. @default a stream of seed 0 */
  readonly random?: Random;
}

/**
 * Scores every sample with one estimator: checks the evidence, fills in the parameters' defaults, and makes sure that
 * the scores are numbers.
 *
 * @returns scores (n,), signed, in row order; higher = worth more
 * @throws RangeError where a kind of evidence that the estimator requires is missing, has a wrong shape, or a row
 * without a finite logit
 * @throws ConfigError where a parameter is wrong
 */
export function scoreSamples(
  estimator: ImportanceEstimator,
  evidence: Evidence,
  { params = {}, random = seeded(0, estimator.name) }: ScoreOptions = {},
): Float64Array {
  checkEvidence(evidence);
  withEvidence(evidence, estimator.name, estimator.requires);
  const parsed = estimator.paramsSchema.safeParse(params);
  if (!parsed.success) {
    throw new ConfigError(
      `importance.params: wrong for the estimator ${estimator.name}: ${z.prettifyError(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  const scores = estimator.estimate(evidence, parsed.data, random);
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0) {
    throw new RangeError(
      `${estimator.name}: expected a finite score for sample ${wrong}, got ${scores[wrong]}`,
    );
  }
  return scores;
}
