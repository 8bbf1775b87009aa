import type { FaultKind } from '../kind.js';
import { clocksJump } from './clocks.js';
import { fullDisk } from './disk.js';
import { serverKilled, trainerKilled, treeKilled, workerKilled } from './killed.js';
import { olderBeside } from './older.js';
import { cutOff, refused, slow, stalled, truncated, wrongBytes } from './network.js';

/** One line per kind. */
export const kinds = [
  workerKilled,
  trainerKilled,
  treeKilled,
  serverKilled,
  refused,
  slow,
  stalled,
  cutOff,
  truncated,
  wrongBytes,
  fullDisk,
  clocksJump,
  olderBeside,
] as const satisfies readonly FaultKind[];
