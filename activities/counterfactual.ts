import { ConfigError, DataError } from '../contracts/errors.js';
import type { Columns, CounterfactualConfig } from '../contracts/settings.js';
import type { CounterfactualReport } from '../contracts/summary.js';
import type { ColumnBatch } from '../contracts/table.js';
import { clippedIps, ips, snips, type CounterfactualEstimate } from '../core/counterfactual/estimates.js';
import { numberColumn } from '../core/features/columns.js';
import type { JudgedRows } from './judged.js';

const POSITIVE = 1; // code of the class that is a click

/**
 * What another policy would have earned on the test rows: chances as logged, without the floor that training puts under
 * them; intervals by group.
 *
 * @param test the judged rows of the dataset, in their order
 * @throws ConfigError where the dataset has no such column; DataError where a value is no chance
 */
export function judgeOtherPolicy(
  test: ColumnBatch,
  { targets, groups }: JudgedRows,
  { propensity }: Pick<Columns, 'propensity'>,
  { target, limit }: CounterfactualConfig,
  classes: readonly string[],
): CounterfactualReport {
  if (propensity === undefined)
    throw new ConfigError('analyse.counterfactual needs dataset.columns.propensity');
  const propensities = numberColumn(test, propensity);
  const outcomes = targets.map((code) => Number(code === POSITIVE));
  const chances = typeof target === 'number' ? propensities.map(() => target) : chancesOf(test, target);
  const asked = { outcomes, propensities, target: chances, groups };
  const logged = { ...asked, target: propensities };
  return {
    target: String(target),
    outcome: classes[POSITIVE]!,
    rows: test.rows,
    outcomes: outcomes.reduce((sum, one) => sum + one, 0),
    estimates: [
      named('logged', ips(logged)),
      named('ips', ips(asked)),
      named('clipped_ips', clippedIps(asked, limit)),
      named('snips', snips(asked)),
    ],
  };
}

function chancesOf(test: ColumnBatch, column: string): Float64Array {
  if (!test.columns[column]) {
    const known = Object.keys(test.columns).join(', ');
    throw new ConfigError(
      `analyse.counterfactual.target: the dataset has no column "${column}"; it has ${known}`,
    );
  }
  const chances = numberColumn(test, column);
  const wrong = chances.findIndex((chance) => !(chance >= 0 && chance <= 1));
  if (wrong < 0) return chances;
  throw new DataError(
    `analyse.counterfactual.target: column "${column}" says ${chances[wrong]} in test row ${wrong + 1}, expected a chance from 0 to 1`,
  );
}

const named = (
  name: CounterfactualReport['estimates'][number]['name'],
  {
    value,
    low,
    high,
    effectiveSampleSize: effective,
    largestWeight,
    clipped,
  }: Omit<CounterfactualEstimate, 'standardError'>,
): CounterfactualReport['estimates'][number] => ({
  ...{ name, value, low, high, effectiveSampleSize: effective, largestWeight, clipped },
});
