import { DataError } from '../../contracts/errors.js';

/**
 * Inverse propensities 1 / max(p, floor): what a logged row stands for.
 *
 * @param propensities (n,), chance that the row was logged, in (0, 1]
 * @param floor smallest propensity that is believed; bounds the variance, and brings a bias towards what was logged often
 * @throws DataError where a propensity is not in (0, 1], naming the row
 */
export function inversePropensities(propensities: ArrayLike<number>, floor = 0): Float64Array {
  if (!(floor >= 0 && floor <= 1)) {
    throw new RangeError(`propensities: expected a floor in [0, 1], got ${floor}`);
  }
  return Float64Array.from(propensities, (propensity, row) => {
    if (propensity > 0 && propensity <= 1) return 1 / Math.max(propensity, floor);
    throw new DataError(
      `propensities[${row}]: expected a probability above 0 and at most 1, got ${propensity}; ` +
        'a row that could not have been logged has no weight: log the chance with every impression',
    );
  });
}
