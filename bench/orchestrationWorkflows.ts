import type { RunConfig } from '../config/runConfig.js';
import { newRunState } from '../workflows/progress.js';
import { createStageRunner } from '../workflows/stages.js';

export { atOnce, inOrder } from '../test/workers/toyWorkflows.js';

/** A run whose only stage fails for good each time that it is tried. */
export async function blocking(config: RunConfig): Promise<void> {
  const runner = createStageRunner(newRunState(config));
  const shard = { path: 'fail', stage: 'fail', summary: '', seed: 1, params: { how: 'data' }, inputs: {} };
  await runner.run('fail', () => [shard]);
}
