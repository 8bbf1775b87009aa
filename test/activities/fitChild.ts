/** Fits the linear model of stored features as it is told, and prints how much memory that took. */
import { join } from 'node:path';
import { fit } from '../../activities/fit.js';
import type { Artifacts } from '../../contracts/stage.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';

const [folder = '', fromDisk = '', given = ''] = process.argv.slice(2);
const contexts = createStageContexts(await openStore(join(folder, 'store')), {
  scratchDirectory: join(folder, 'scratch'),
});
const context = contexts('0'.repeat(64), {
  signal: new AbortController().signal,
  progress: () => undefined,
});
const params = fit.paramsSchema.parse({
  ...{
    task: 'classification',
    strengths: [1],
    scheme: { seed: 1, outerFolds: 2 },
    unit: -1,
    policy: 'uniform',
  },
  model: { name: 'linear', fromDisk, tolerance: 1e-6 },
  ...{ keepModels: false, shuffled: false },
});
const inputs = JSON.parse(given) as Artifacts;
const { outputs } = await fit.run({ path: 'fit', seed: 1, params, inputs }, context);
console.log(
  JSON.stringify({ peakMb: process.resourceUsage().maxRSS / 1024, predictions: outputs['predictions']![0] }),
);
