import { proxyActivities } from '@temporalio/workflow';
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

/** Seven stages in order that do nothing; the fifth fails until the seed of the run is another than at its start. */
export async function mended(config: RunConfig): Promise<void> {
  const { seed } = config;
  const state = newRunState(config);
  const runner = createStageRunner(state);
  for (let number = 1; number <= 7; number++) {
    const path = `step${String(number)}`;
    await runner.run(path, () => {
      const fails = number === 5 && state.config.seed === seed;
      return [
        {
          path,
          summary: '',
          seed,
          inputs: {},
          ...(fails ? FAILS : { stage: 'echo', params: { text: path } }),
        },
      ];
    });
  }
}

const FAILS = { stage: 'fail', params: { how: 'data' } };

const activities = proxyActivities<{ bare(input: object): Promise<object> }>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '6 seconds',
  allowEagerDispatch: false, // stages are on another queue than workflows, where nothing is eager
});

/** A fan-out of activities that return at once. */
export async function bareAtOnce(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => activities.bare({ path: `echo.${String(i)}` })));
}
