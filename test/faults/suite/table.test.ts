import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clocksJump } from './kinds/clocks.js';
import { fullDisk } from './kinds/disk.js';
import { repeated } from './kind.js';
import { serverKilled } from './kinds/killed.js';
import type { Verdict } from './play.js';
import { faultTable } from './table.js';

const alone: Verdict = { where: 'stage 3', blocked: [], problems: [] };
const retried: Verdict = { where: 'stage 4', blocked: ['no space left'], problems: [] };
const broken: Verdict = { where: 'stage 5', blocked: ['no space left'], problems: ['another model'] };

describe('the table of faults', () => {
  it('counts a run once: as broken, else as retried, else as gone on alone', () => {
    const table = faultTable([
      { kind: repeated(serverKilled, 5), verdicts: [alone, alone] },
      { kind: fullDisk, verdicts: [retried, broken, alone] },
      { kind: clocksJump, verdicts: [], whyNot: 'no clocks' },
    ]);
    assert.deepEqual(
      table.split('\n').map((line) => line.split(' | ').slice(2).join(' ')),
      [
        'points runs went on alone blocked, retried broken |',
        '--- --- --- --- --- |',
        '10 2 2 0 0 |',
        '3 3 1 1 1 |',
        'not played: no clocks | | |',
      ],
    );
  });
});
