import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeScope, scopeScores, scopeThreshold } from '../../core/outOfScope.js';

const logits = Float64Array.of(0, 0, Math.log(3), 0);

describe('how far a row belongs to a known class', () => {
  it('is its largest probability: 1/2, and 3/4', () => {
    scopeScores('max_probability', logits, 2).forEach((score, i) => {
      assert.ok(Math.abs(score - [0.5, 0.75][i]!) < 1e-12);
    });
  });

  it('or its energy: ln 2, and ln 4', () => {
    scopeScores('energy', logits, 2).forEach((score, i) => {
      assert.ok(Math.abs(score - [Math.log(2), Math.log(4)][i]!) < 1e-12);
    });
  });

  it('which does not overflow', () => {
    assert.ok(Number.isFinite(scopeScores('energy', Float64Array.of(2_000, 0), 2)[0]));
  });
});

describe('the threshold', () => {
  it('lies between foreign and known rows where they can be told apart', () => {
    assert.equal(scopeThreshold(Float64Array.of(0.9, 0.2, 0.8, 0.4), [0, 1, 0, 1]), (0.4 + 0.8) / 2);
  });

  it('gives both kinds the same say, however few the foreign are', () => {
    // Below .5: 1 of 1 foreign, 1 of 5 known lost. Below .15 nothing is caught.
    const scores = Float64Array.of(0.4, 0.3, 0.9, 0.8, 0.7, 0.6);
    assert.equal(scopeThreshold(scores, [1, 0, 0, 0, 0, 0]), 0.5);
  });

  it('refuses nothing where refusing does not help', () => {
    assert.equal(scopeThreshold(Float64Array.of(0.1, 0.9), [0, 1]), -Infinity);
  });

  it('never cuts between equal scores', () => {
    assert.equal(scopeThreshold(Float64Array.of(0.5, 0.5, 0.9), [1, 0, 0]), (0.5 + 0.9) / 2);
  });

  it('needs both kinds', () => {
    assert.throws(() => scopeThreshold(Float64Array.of(1), [0]), /got 1 and 0/);
    assert.throws(() => scopeThreshold(Float64Array.of(1), [1]), /got 0 and 1/);
  });
});

it('a threshold is judged by what it catches and what it refuses', () => {
  const report = judgeScope('energy', Float64Array.of(1, 5, 3, 4, 2), [1, 1, 0, 0, 0], 2.5);
  assert.deepEqual(
    [report.foreign, report.caught, report.known, report.refused, report.threshold, report.score],
    [2, 1, 3, 1, 2.5, 'energy'],
  );
  assert.equal(report.rocAuc, 0.5); // scores 1 and 5 of foreign among 3, 4, 2: 3 of 6 pairs are right
});
