import { DataError } from '../../contracts/errors.js';
import type { Estimate } from '../../contracts/summary.js';
import { mcnemar } from '../statistics/pairedTests.js';
import type { PlannedStratum, Pool, Stratum } from './plan.js';

/** Checked rows of one stratum: a simple random sample. */
export interface SampledStratum {
  readonly size: number; // rows of the pool in it
  readonly values: Float64Array; // one for each checked row
}

const NORMAL_95 = 1.959963984540054;

/**
 * Horvitz-Thompson estimate of a mean over a pool from a stratified sample: every checked row counts for the size / n
 * rows that it stands for. Unbiased. The 95% interval is for the population that the pool was drawn from: the variance
 * of the draw within strata, plus that of the pool itself. A stratum's variance is taken with one made-up value at
 * either end of the range, so that a few equal answers don't make it certain.
 *
 * @param range smallest and largest value that there can be
 * @throws RangeError where a stratum with rows has no checked one
 * @source Horvitz & Thompson 1952; Cochran, Sampling Techniques, 3rd ed., sections 5.3 and 12.2
 */
export function stratifiedMean(
  strata: readonly SampledStratum[],
  range: readonly [number, number],
): Estimate {
  const pool = strata.reduce((sum, { size }) => sum + size, 0);
  let value = 0;
  let squares = 0; // mean of the squared values
  let drawVariance = 0;
  for (const { size, values } of strata) {
    if (size === 0) continue;
    if (values.length === 0) throw new RangeError('a stratum has rows, and none of them is checked');
    const share = size / pool;
    const n = values.length;
    value += (share * sum(values)) / n;
    squares += (share * sum(values.map((one) => one * one))) / n;
    drawVariance += (share * share * (1 - n / size) * variance([...values, ...range])) / n;
  }
  const deviation = Math.sqrt(drawVariance + Math.max(squares - value * value, 0) / pool);
  const [least, most] = range;
  return {
    value,
    low: Math.max(least, value - NORMAL_95 * deviation),
    high: Math.min(most, value + NORMAL_95 * deviation),
  };
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, one) => total + one, 0);

/** Unbiased sample variance. */
function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((one) => (one - mean) ** 2)) / (values.length - 1);
}

/** What true labels of a planned sample say. */
export interface Verdict {
  readonly answered: Readonly<Record<Stratum, number>>;
  /** Checked rows that only one of the models has right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** McNemar, exact, two-sided. */
  readonly pValue: number;
  /** Of the pool. */
  readonly accuracy: { readonly first: Estimate; readonly second: Estimate };
  /** Accuracy of the second model minus that of the first. */
  readonly difference: Estimate;
  /** Share of given labels that are wrong. */
  readonly noiseRate: Estimate;
}

/**
 * Compares two models by true labels. Rows that were asked for and not answered are left out of their stratum, as if
 * they had been left out by chance.
 *
 * @param truth class code of each answered position; −1: none of the classes that the models know
 * @throws DataError where a stratum has rows and no answer
 */
export function verdictOf(
  strata: readonly PlannedStratum[],
  pool: Pool,
  truth: ReadonlyMap<number, number>,
): Verdict {
  const checked = strata.map(({ name, size, asked }) => {
    const positions = asked.filter((position) => truth.has(position));
    if (size > 0 && positions.length === 0) {
      throw new DataError(
        `no answer for any of the ${asked.length} rows ${MEANING[name]}: answer one of them at least`,
      );
    }
    return { name, size, positions };
  });
  const isRight = (labels: Int32Array, position: number): number =>
    Number(labels[position] === truth.get(position));
  const meanOf = (value: (position: number) => number, range: readonly [number, number] = [0, 1]): Estimate =>
    stratifiedMean(
      checked.map(({ size, positions }) => ({ size, values: Float64Array.from(positions, value) })),
      range,
    );
  const [differ] = checked;
  const { first, second, given } = pool;
  const gains = [...(differ?.positions ?? [])].map((at) => isRight(second, at) - isRight(first, at));
  const onlySecond = gains.filter((gain) => gain > 0).length;
  const onlyFirst = gains.filter((gain) => gain < 0).length;
  // Where both predict the same class the difference is known to be 0.
  const known = checked.slice(1).map(({ size }) => ({ size, values: new Float64Array(size) }));
  const compared = { size: differ?.size ?? 0, values: Float64Array.from(gains) };
  return {
    answered: Object.fromEntries(checked.map(({ name, positions }) => [name, positions.length])) as Record<
      Stratum,
      number
    >,
    ...{ onlyFirst, onlySecond, pValue: mcnemar(onlyFirst, onlySecond) },
    accuracy: { first: meanOf((at) => isRight(first, at)), second: meanOf((at) => isRight(second, at)) },
    difference: stratifiedMean([compared, ...known], [-1, 1]),
    noiseRate: meanOf((at) => 1 - isRight(given, at)),
  };
}

const MEANING: Readonly<Record<Stratum, string>> = {
  differ: 'on which the models differ',
  dispute: 'whose label both models dispute',
  agree: 'on which both models agree with the label',
};
