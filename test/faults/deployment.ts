import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkerSettings } from '../../contracts/worker.js';
import { modulePath } from '../../infra/modules.js';
import { repositoryRoot } from '../paths.js';
import type { Cluster } from './cluster.js';

const DEPLOYMENT = 'assay';
const ACCEPTED_WITHIN_MS = 60_000;

export const versionOf = (buildId: string): Required<Pick<WorkerSettings, 'deployment'>> => ({
  deployment: { name: DEPLOYMENT, buildId },
});

/** Makes a build the deployment's current version, as `temporal worker deployment set-current-version` does. */
export async function makeCurrent({ client }: Cluster, buildId: string): Promise<void> {
  const request = { namespace: 'default', deploymentName: DEPLOYMENT, buildId };
  // The server refuses until it has seen the build poll every queue.
  for (const end = Date.now() + ACCEPTED_WITHIN_MS; ; await sleep(50)) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion(request);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** Settings of a worker whose workflows do one thing more, and whose stages were all changed: their keys differ. */
export async function newerCode(
  folder: string,
): Promise<Required<Pick<WorkerSettings, 'workflowBundle' | 'codeVersions'>>> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: modulePath(import.meta.url, './newerWorkflows'),
    logger: new DefaultLogger('WARN'),
  });
  const workflowBundle = join(folder, 'newer-bundle.js');
  await writeFile(workflowBundle, code);
  return { workflowBundle, codeVersions: newerStages() };
}

/** The build's code versions, each another one. */
export function newerStages(): Record<string, string> {
  const text = readFileSync(join(repositoryRoot, 'dist/code-versions.json'), 'utf8');
  const versions = JSON.parse(text) as Record<string, string>;
  return Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, `newer-${version}`]));
}

/** Build ids of those who answered the run's workflow tasks, in order, each once in a row. */
export async function buildsOf({ client }: Cluster, runId: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(runId).fetchHistory();
  const all = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
    done ? [done.deploymentVersion?.buildId ?? done.workerVersion?.buildId ?? ''] : [],
  );
  return all.filter((build, i) => build !== all[i - 1]);
}
