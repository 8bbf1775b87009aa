import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../bench/recovery/cell.js';
import { markdown } from '../../bench/recovery/table.js';

const cell = (changes: Partial<Cell>): Cell => ({
  set: 'toy',
  rate: 0,
  seed: 42,
  fixed: 0.88,
  tuned: 0.9,
  tunedStrength: 4,
  oracle: 0.9,
  shuffled: 0.89,
  auto: 0.9,
  chosen: 'uniform',
  chosenStrength: 4,
  pValue: 0.5,
  policies: { clip: { accuracy: 0.89, strength: 4, gain: 0, pValue: 0.5 } },
  auroc: { pvi: 0.5, self_confidence: 0.5 },
  averagePrecision: { pvi: 0.1, self_confidence: 0.1 },
  evidenceStrength: 4,
  seconds: 1,
  ...changes,
});
const noisy = { rate: 0.2, fixed: 0.8, tuned: 0.85, auto: 0.88, oracle: 0.89, chosen: 'clip' };

describe('the table of recovered shares', () => {
  it('divides what was won back by what noise costs, against fixed and against tuned training', () => {
    const text = markdown([cell({}), cell(noisy)]);
    // (.88 − .80) / (.90 − .80), (.85 − .80) / .10, (.88 − .85) / (.90 − .85), (.89 − .85) / .05, 3 points
    assert.match(text, /\| toy \| 20% \| 0\.80 \| 0\.50 \| 0\.60 \| 0\.80 \| 3\.00 \|/);
  });
  it('leaves a share out where there is no clean cell', () => {
    assert.match(markdown([cell({ ...noisy })]), /\| toy \| 20% \|(?: {2}\|){4} 3\.00 \|/);
  });
  it('shows the interval over several seeds', () => {
    const text = markdown([
      cell({}),
      cell(noisy),
      cell({ seed: 43 }),
      cell({ ...noisy, seed: 43, auto: 0.86 }),
    ]);
    assert.match(text, /\| 0\.70 \(0\.60 to 0\.80\) \|/);
  });
  it('pools sets by what noise costs them, not each alike', () => {
    const other = { set: 'other', fixed: 0.5, tuned: 0.6, auto: 0.6, oracle: 0.7 };
    const text = markdown([cell({}), cell(noisy), cell({ set: 'other' }), cell({ ...other, rate: 0.2 })]);
    // whole: (.08 + .10) / (.10 + .40), oracle (.09 + .20) / .50; beyond: (.03 + 0) / (.05 + .30), oracle (.04 + .10) / .35
    const shares = ['0.36', '0.58', '0.09', '0.40'].map((share) => `${share} (${share} to ${share})`);
    assert.ok(text.includes(`| 20% | other, toy | 2 | ${shares.join(' | ')} |`), text);
  });
  it('resamples whole seeds for the interval of the pooled share', () => {
    const seeds = [cell({}), cell(noisy), cell({ seed: 43 }), cell({ ...noisy, seed: 43, auto: 0.86 })];
    assert.ok(markdown(seeds).includes('| 20% | toy | 2 | 0.70 (0.60 to 0.80) |'));
  });
});
