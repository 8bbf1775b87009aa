import { inOneRun, type FaultKind } from '../kind.js';
import { clocksJump } from './clocks.js';
import { fullDisk } from './disk.js';
import { serverKilled, trainerKilled, treeKilled, workerKilled } from './killed.js';
import { olderBeside } from './older.js';
import { cutOff, refused, slow, stalled, truncated, wrongBytes } from './network.js';

const killed = [workerKilled, trainerKilled, treeKilled, serverKilled];

/** One line per kind. */
export const kinds = [
  ...killed,
  refused,
  slow,
  stalled,
  cutOff,
  truncated,
  wrongBytes,
  fullDisk,
  clocksJump,
  olderBeside,
] satisfies readonly FaultKind[];

/**
 * The same with few runs: each of the sudden ones several times in a run of its sort, each other in runs of its own. Each
 * has a Temporal server of its own, so that two can be played side by side: workers of one server take any run's stages.
 */
export const inFewRuns = (points: number): readonly { kind: FaultKind; runs: number }[] =>
  [
    { kind: inOneRun('killed', killed, points), runs: 1 },
    {
      kind: inOneRun('network', [refused, slow, stalled, cutOff, truncated, wrongBytes], points),
      runs: 1,
    },
    { kind: inOneRun('clocks', [clocksJump], points), runs: 1 },
    { kind: fullDisk, runs: points },
    { kind: olderBeside, runs: points },
  ].map(({ kind, runs }) => ({ kind: { ...kind, ownServer: true }, runs }));
