import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainTuning } from '../../../core/tune/explain.js';
import { sampleTuning } from '../../fixtures/tuning.js';

const { reason: _, ...search } = sampleTuning();

describe('why a trial won', () => {
  it('names its settings, the gain with its interval, and what became of the others', () => {
    assert.equal(
      explainTuning(search),
      'Trial 1 wins over 5 trials, 2 of them on all rows: learningRate 0.0042, batchSize 32, hidden [128], accuracy 0.8512, ' +
        '+1.21 points over the settings as configured (95%: +0.42 to +1.99). 1 diverged.',
    );
  });

  it('says that the settings stay where nothing is better, and why it ended early', () => {
    const text = explainTuning({ ...search, chosen: 0 }, 'The budget is spent.');
    assert.equal(
      text,
      'The settings stay as they are configured (accuracy 0.8391): none of 5 trials, 2 of them on all rows, is better. ' +
        '1 diverged. The budget is spent.',
    );
  });

  it('says that nothing else was tried where the budget left no time', () => {
    const alone = explainTuning(
      { ...search, trials: search.trials.slice(0, 1), chosen: 0 },
      'The budget is spent.',
    );
    assert.equal(
      alone,
      'The settings stay as they are configured (accuracy 0.8391): no other was tried. The budget is spent.',
    );
  });

  it('has no gain to tell where the settings as they are configured diverge', () => {
    assert.match(
      explainTuning({ ...search, gain: null }),
      /accuracy 0\.8512; the settings as configured diverge\./,
    );
  });
});
