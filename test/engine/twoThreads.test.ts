import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../contracts/model.js';
import { openEngine } from './engines.js';
import { toyRequest } from './toyNetworks.js';

// A process has one number of threads: this one's is two.
describe('training with two threads', () => {
  it('continues from a checkpoint to the same bits', async (t) => {
    const engine = await openEngine(t, 'native', { threads: 2 });
    if (!engine) return;
    assert.equal(engine.info.threads, 2);
    const saved: Checkpoint[] = [];
    const checkpoint = {
      due: () => true,
      save: async (one: Checkpoint) => void saved.push(structuredClone(one)),
    };
    const request = toyRequest({ batchSize: 16 });
    const want = await engine.train({ ...request, sinks: { checkpoint } });
    for (const resumeFrom of saved) assert.deepEqual(await engine.train({ ...request, resumeFrom }), want);
  });
});
