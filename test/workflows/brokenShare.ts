import { existsSync } from 'node:fs';
import { DataError } from '../../contracts/errors.js';
import { stages as allStages } from '../../activities/stages.js';
import type { Stage } from '../../activities/stage.js';

/** The stages as they are; the share of features that begins with this row fails for as long as the file is there. */
export const BROKEN = { from: 100, flag: 'ASSAY_TEST_BROKEN_SHARE' };

export const stages: readonly Stage[] = (allStages as readonly Stage[]).map((stage) =>
  stage.name === 'applyFeatures'
    ? {
        ...stage,
        run: (job, context) => {
          const { from } = job.params as { readonly from: number };
          if (from === BROKEN.from && existsSync(process.env[BROKEN.flag]!))
            throw new DataError(`rows from ${from} can't be read`);
          return stage.run(job, context);
        },
      }
    : stage,
);
