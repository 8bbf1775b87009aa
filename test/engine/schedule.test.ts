import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { learningRateAt } from '../../engine/schedule.js';

const CASES = [
  { name: 'constant stays', schedule: 'constant', warmup: 0, want: [1, 1, 1, 1] },
  {
    name: 'linear falls to 0 after the last step',
    schedule: 'linear',
    warmup: 0,
    want: [1, 0.75, 0.5, 0.25],
  },
  {
    name: 'cosine falls along half a period',
    schedule: 'cosine',
    warmup: 0,
    want: [1, 0.5 * (1 + Math.SQRT1_2), 0.5, 0.5 * (1 - Math.SQRT1_2)],
  },
  {
    name: 'a warm-up rises first, and is over in its share of the steps',
    schedule: 'linear',
    warmup: 0.5,
    want: [0.5, 1, 1, 0.5],
  },
  { name: 'a warm-up of all steps only rises', schedule: 'cosine', warmup: 1, want: [0.25, 0.5, 0.75, 1] },
] as const;

describe('learning rate', () => {
  for (const { name, schedule, warmup, want } of CASES) {
    it(name, () => {
      want.forEach((rate, step) => {
        const got = learningRateAt(step, want.length, { learningRate: 2, schedule, warmup });
        assert.ok(Math.abs(got - 2 * rate) < 1e-12, `step ${step}: ${got}, expected ${2 * rate}`);
      });
    });
  }
});
