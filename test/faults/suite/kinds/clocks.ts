import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modulePath } from '../../../../infra/modules.js';
import type { FaultKind } from '../kind.js';

const LONGEST_MS = 30 * 24 * 3_600_000;

export const clocksJump: FaultKind = {
  name: 'clocks jump',
  what: 'the clocks of worker and trainers jump, up to 30 days ahead or back',
  stores: ['folder', 'folder', 's3'],
  async strike(scene) {
    const clock = join(scene.cluster.folder, `clock-${String(scene.random.below(1e9))}`);
    writeFileSync(clock, '0');
    const flag = pathToFileURL(modulePath(import.meta.url, '../jumpingClock')).href;
    await scene.startWorker({}, { nodeFlags: ['--import', flag], environment: { ASSAY_TEST_CLOCK: clock } });
    await scene.start();
    const where = await scene.untilPoint();
    const byMs = Math.round((2 * scene.random.next() - 1) * LONGEST_MS);
    writeFileSync(clock, String(byMs));
    return { where: `${where}, by ${(byMs / 3_600_000).toFixed(1)} h` };
  },
};
