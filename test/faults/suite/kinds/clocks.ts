import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { modulePath } from '../../../../infra/modules.js';
import { sudden } from '../kind.js';
import type { Scene } from '../scene.js';

const LONGEST_MS = 30 * 24 * 3_600_000;

const clockOf = ({ directory }: Scene): string => `${directory}.clock`;

export const clocksJump = sudden({
  name: 'clocks jump',
  what: 'the clocks of worker and trainers jump, up to 30 days ahead or back',
  stores: ['folder', 'folder', 's3'],
  begin(scene) {
    const clock = clockOf(scene);
    writeFileSync(clock, '0');
    const flag = pathToFileURL(modulePath(import.meta.url, '../jumpingClock')).href;
    return scene.startWorker({}, { nodeFlags: ['--import', flag], environment: { ASSAY_TEST_CLOCK: clock } });
  },
  now(scene) {
    const byMs = Math.round((2 * scene.random.next() - 1) * LONGEST_MS);
    writeFileSync(clockOf(scene), String(byMs));
    return Promise.resolve({ where: `by ${(byMs / 3_600_000).toFixed(1)} h` });
  },
});
