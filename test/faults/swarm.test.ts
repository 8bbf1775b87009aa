import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { playSwarm } from './swarm.js';

// `npm run bench -- swarm --runs 200` plays more, and prints a table.

const RUNS = 20;
const GROWTH_MIB = 150;
const skip = whyNotPlayed();

describe('many runs at once on one worker', { skip }, () => {
  it('all end, each is served while the others are, and the worker does not grow', async () => {
    const { completed, begunAtFirstEnd, workerMib } = await playSwarm(RUNS);
    assert.equal(completed, RUNS);
    assert.ok(begunAtFirstEnd.least > 0, JSON.stringify(begunAtFirstEnd));
    const [, quarter = 0] = workerMib;
    assert.ok(workerMib.at(-1)! - quarter < GROWTH_MIB, `MiB of memory: ${workerMib.join(', ')}`);
  });
});

function whyNotPlayed(): string | false {
  if (process.env['ASSAY_FAULTS'] === '0') return 'the swarm was NOT played: ASSAY_FAULTS asks for none';
  return existsSync('/proc/self/status') ? false : 'memory was NOT looked at: there is no /proc';
}
