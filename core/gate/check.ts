import type { GateDecision } from '../../contracts/summary.js';

export type Check = GateDecision['checks'][number];

/** Name of the slice that is none. */
export const ALL_ROWS = 'all test rows';

const MAX_REPLICATES = 50_000;
const MIN_REPLICATES = 2_000;

/** Resamples that a level needs: some twenty of them lie beyond it. */
export const replicatesFor = (level: number): number =>
  Math.min(MAX_REPLICATES, Math.max(MIN_REPLICATES, Math.ceil(20 / level)));

/** `+1.25`, `−0.40`: a share in points. */
export const points = (share: number): string =>
  `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
