import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stageSinks } from '../../activities/sinks.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const DAY_MS = 86_400_000;

describe('checkpoints of a training', () => {
  for (const [way, byMs] of [
    ['back', -DAY_MS],
    ['ahead', DAY_MS],
  ] as const) {
    it(`are due after their interval when the clock jumps a day ${way}`, async (t) => {
      const { checkpoint } = stageSinks(fakeStageContext({}, { checkpointIntervalMs: 300 }));
      const real = Date.now;
      t.mock.method(Date, 'now', () => real() + byMs);
      assert.equal(checkpoint.due(), false, 'at once');
      await sleep(350);
      assert.equal(checkpoint.due(), true, 'after its interval');
      await checkpoint.save({ position: 1, tensors: [] });
      assert.equal(checkpoint.due(), false, 'after a checkpoint');
    });
  }
});
