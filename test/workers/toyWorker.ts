import { fork, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkerMessage, WorkerSettings } from '../../contracts/worker.js';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';

/** Bundles the toy workflows into `directory`. */
export async function bundleToyWorkflows(directory: string): Promise<string> {
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({
    workflowsPath: modulePath(import.meta.url, './toyWorkflows'),
    logger: quiet,
  });
  const path = join(directory, 'toy-bundle.js');
  await writeFile(path, code);
  return path;
}

export interface ToyWorker {
  readonly process: ChildProcess;
  readonly trainerPids: readonly number[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a worker process with the toy stages; resolves when it polls. */
export async function startToyWorker(settings: Partial<WorkerSettings>): Promise<ToyWorker> {
  const whole: WorkerSettings = {
    roles: ['workflow', 'cpu'],
    processes: 2,
    stagesModule: pathToFileURL(modulePath(import.meta.url, './toyStages')).href,
    codeVersions: { echo: 'e1', fail: 'f1', count: 'c1', spin: 's1' },
    ...settings,
  };
  const child = fork(modulePath(import.meta.url, '../../workers/process'), [JSON.stringify(whole)], {
    execArgv: inheritedNodeFlags(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<Awaited<ToyWorker['ended']>>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const { trainerPids } = await new Promise<WorkerMessage>((resolve, reject) => {
    child.once('message', resolve);
    void ended.then(({ code }) =>
      reject(new Error(`the worker ended with ${String(code)} before it was ready`)),
    );
  });
  return { process: child, trainerPids, ended };
}
