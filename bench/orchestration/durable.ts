import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { RunConfig } from '../../config/runConfig.js';
import type { RunStatus } from '../../contracts/run.js';
import type { StageRequest } from '../../contracts/stage.js';
import type { DevOptions } from '../../infra/dev.js';
import { modulePath } from '../../infra/modules.js';

/** Of runs whose stages do nothing. */
export const BENCH_CONFIG = RunConfig.parse({
  name: 'bench',
  dataset: { source: 'none.csv', columns: { target: 'y' } },
});

/** A dev server with one worker and two trainer children, whose stages and workflows are the benchmark's. */
export async function benchDev(
  directory: string,
): Promise<DevOptions & { readonly worker: { readonly workflowBundle: string } }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: modulePath(import.meta.url, '../orchestrationWorkflows'),
    logger: new DefaultLogger('WARN'),
  });
  const workflowBundle = join(directory, 'bundle.js');
  await writeFile(workflowBundle, code);
  const worker = {
    stagesModule: pathToFileURL(modulePath(import.meta.url, '../../test/workers/toyStages')).href,
    workflowBundle,
    codeVersions: { echo: 'bench', fail: 'bench', count: 'bench', spin: 'bench' },
  };
  return { directory, worker, processes: 2 };
}

let nextSeed = 0;

/** Stages that do nothing, and are never taken from the cache. */
export const requests = (count: number): StageRequest[] =>
  Array.from({ length: count }, (_, i) => ({
    runId: 'bench',
    path: `echo.${String(i)}`,
    stage: 'echo',
    seed: nextSeed++,
    params: {},
    inputs: {},
  }));

/** Milliseconds of a workflow of so many stages, from its start to its end. */
export function execute(client: Client, workflow: 'inOrder' | 'atOnce', count: number): Promise<number> {
  const options = { taskQueue: 'assay-workflow', workflowId: `bench-${String(nextSeed)}` };
  return timed(() => client.workflow.execute(workflow, { ...options, args: [requests(count)] }));
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Waits until a run is blocked. */
export async function untilBlocked(handle: WorkflowHandle): Promise<void> {
  for (;;) {
    const { state } = await handle.query<RunStatus>('status');
    if (state === 'blocked') return;
    await sleep(20);
  }
}
