import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calibrationShift } from '../../../core/calibration/shift.js';
import { seeded } from '../../../core/random.js';

const meanAt = (logOdds: Float64Array, shift: number, weights?: Float64Array): number => {
  const total = weights?.reduce((sum, w) => sum + w, 0) ?? logOdds.length;
  return logOdds.reduce((sum, z, i) => sum + (weights?.[i] ?? 1) / (1 + Math.exp(-z - shift)), 0) / total;
};

describe('the shift that makes a model right on average', () => {
  it('is the difference of log-odds where all predictions are one', () => {
    const shift = calibrationShift(new Float64Array(5), 0.8); // from .5 to .8: ln 4
    assert.ok(Math.abs(shift - Math.log(4)) < 1e-9);
  });

  it('brings the mean to the rate, whatever the predictions and weights', () => {
    const random = seeded(3);
    const logOdds = Float64Array.from({ length: 200 }, () => 4 * random.normal());
    const weights = Float64Array.from({ length: 200 }, () => random.below(4));
    for (const rate of [0.001, 0.2, 0.5, 0.97]) {
      assert.ok(Math.abs(meanAt(logOdds, calibrationShift(logOdds, rate)) - rate) < 1e-9);
      const weighted = calibrationShift(logOdds, rate, weights);
      assert.ok(Math.abs(meanAt(logOdds, weighted, weights) - rate) < 1e-9);
    }
  });

  it('is 0 for a model that is right already', () => {
    const logOdds = Float64Array.of(-2, 0, 1);
    assert.ok(Math.abs(calibrationShift(logOdds, meanAt(logOdds, 0))) < 1e-9);
  });

  it('refuses what no shift can do', () => {
    assert.throws(() => calibrationShift(Float64Array.of(0), 0), /rate above 0 and below 1, got 0/);
    assert.throws(() => calibrationShift(Float64Array.of(0), 1), /got 1/);
    assert.throws(() => calibrationShift(Float64Array.of(0), 0.5, [0]), /a row with weight/);
  });
});
