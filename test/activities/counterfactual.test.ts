import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeOtherPolicy } from '../../activities/counterfactual.js';
import { estimates } from '../../activities/estimates.js';
import { CounterfactualReport } from '../../contracts/summary.js';
import { taskOf } from '../../core/tasks/index.js';

/** Four impressions of two sessions; the model says .5 of all, and .9 of the last. */
const judged = {
  targets: Int32Array.of(1, 0, 1, 0),
  groups: Int32Array.of(0, 0, 1, 1),
  logits: { rows: 4, cols: 2, values: Float64Array.of(0, 0, 0, 0, 0, 0, 0, Math.log(9)) },
};
const table = {
  rows: 4,
  columns: {
    chance: ['0.5', '0.5', '0.25', '0.25'],
    other: ['1', '1', '0', '0.5'],
    wrong: ['0.1', '0.2', '2', '0.3'],
  },
};
const close = (found: number, wanted: number): void =>
  assert.ok(Math.abs(found - wanted) < 1e-12, `${found}, not ${wanted}`);

describe('what another policy would have earned', () => {
  const ask = (target: string | number, limit = 10, propensity?: string) =>
    CounterfactualReport.parse(
      judgeOtherPolicy(table, judged, { propensity: propensity ?? 'chance' }, { target, limit }, [
        'no',
        'yes',
      ]),
    );
  const valueOf = (report: CounterfactualReport) =>
    Object.fromEntries(report.estimates.map(({ name, value }) => [name, value]));

  it('is told of one chance for all rows', () => {
    const found = ask(0.5, 1.5);
    assert.deepEqual([found.target, found.outcome, found.rows, found.outcomes], ['0.5', 'yes', 4, 2]);
    // Weights 1, 1, 2, 2, clipped 1, 1, 1½, 1½.
    assert.deepEqual(valueOf(found), { logged: 2 / 4, ips: 3 / 4, clipped_ips: 2.5 / 4, snips: 3 / 6 });
    assert.deepEqual(
      found.estimates.map(({ clipped }) => clipped),
      [0, 0, 2, 0],
    );
    close(found.estimates[0]!.effectiveSampleSize, 4);
    close(found.estimates[1]!.effectiveSampleSize, 3.6);
  });

  it('is told of a column of chances', () => {
    // Weights 2, 2, 0, 2: only the first was clicked.
    assert.deepEqual(valueOf(ask('other')), { logged: 0.5, ips: 2 / 4, clipped_ips: 2 / 4, snips: 2 / 6 });
  });

  it('has intervals by session', () => {
    const [, , , snips] = ask(0.5).estimates;
    assert.deepEqual([snips!.low, snips!.high], [0.5, 0.5]); // errors of each session cancel
  });

  it('refuses a column that is not there, one that holds no chances, and rows without propensity', () => {
    assert.throws(
      () => ask('othr'),
      /analyse\.counterfactual\.target: the dataset has no column "othr"; it has chance/,
    );
    assert.throws(() => ask('wrong'), /column "wrong" says 2 in test row 3, expected a chance from 0 to 1/);
    assert.throws(() => ask(0.5, 10, 'wrong'), /propensities\[2\]: expected a probability/);
  });
});

it('metrics of rows with propensities are told twice: as logged, and as if all had been logged alike', () => {
  const inverse = Float64Array.of(2, 2, 4, 4);
  const found = estimates(judged, taskOf('ctr'), 100, 1, inverse);
  const losses = [Math.LN2, Math.LN2, Math.LN2, Math.log(10)];
  const mean = (weights: readonly number[]): number =>
    losses.reduce((sum, loss, i) => sum + weights[i]! * loss, 0) / weights.reduce((a, b) => a + b);
  close(found['log_loss']!.value, mean([1, 1, 1, 1]));
  close(found['log_loss[inverse_propensity]']!.value, mean([2, 2, 4, 4]));
  // Predicted 2·½ + 2·½ + 4·½ + 4·.9 over clicked 2 + 4.
  close(found['calibration_ratio[inverse_propensity]']!.value, (1 + 1 + 2 + 3.6) / 6);
  const plain = estimates(judged, taskOf('ctr'), 100, 1);
  assert.deepEqual(found['log_loss'], plain['log_loss']);
  assert.equal(Object.keys(found).length, 2 * Object.keys(plain).length);
});
