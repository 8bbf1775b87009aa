import { stages as allStages } from '../../activities/stages.js';
import type { Stage } from '../../activities/stage.js';

const LARGE = ['fileShares', 'ingest'];

/** The stages as they are; to those that take files in, no table fits in memory. */
export const stages: readonly Stage[] = (allStages as readonly Stage[]).map((stage) =>
  LARGE.includes(stage.name)
    ? { ...stage, run: (job, context) => stage.run(job, { ...context, inMemoryBytes: -1 }) }
    : stage,
);
