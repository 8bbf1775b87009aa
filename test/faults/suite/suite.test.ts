import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { inFewRuns } from './kinds/index.js';
import { openLab, type Lab } from './lab.js';
import { playPoint } from './play.js';

// Heavy: whole runs; ASSAY_FAULTS=1 plays one point of each kind, 0 none. `npm run test:faults -- --points 20`, a run each, prints a table.

const POINTS = Number(process.env['ASSAY_FAULTS'] ?? 2);
const SEED = 1;
const skip = whyNotPlayed();

describe(
  'a run of examples/tiny.yaml ends with the weights of the undisturbed one, and leaves nothing broken',
  // Most of a run is waiting: for who was killed, for a store that stalls, for the next moment.
  { skip, concurrency: 2 },
  () => {
    let lab: Lab;
    before(async () => {
      lab = await openLab();
    });
    after(() => lab.stop());

    for (const { kind, runs } of inFewRuns(POINTS)) {
      for (let index = 0; index < runs; index++) {
        it(`when ${kind.what} (${kind.name}, run ${String(index + 1)})`, async (t) => {
          const whyNot = kind.whyNot?.(lab);
          if (whyNot !== undefined) return t.skip(`NOT tested: ${whyNot}`);
          const { where, problems } = await playPoint(lab, kind, index, SEED);
          assert.deepEqual(problems, [], where);
        });
      }
    }
  },
);

function whyNotPlayed(): string | false {
  if (!(POINTS > 0)) return 'faults were NOT played: ASSAY_FAULTS asks for none';
  return existsSync('/proc/self')
    ? false
    : 'faults were NOT played: there is no /proc to look for orphans in';
}
