import { processesOf } from '../aftermath.js';
import type { FaultKind } from '../kind.js';
import type { Scene } from '../scene.js';

const trainersOf = async ({ directory }: Scene): Promise<number[]> =>
  (await processesOf(directory))
    .filter(({ command }) => /workers\/trainer\.[jt]s/.test(command))
    .map(({ pid }) => pid);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

export const workerKilled: FaultKind = {
  name: 'worker killed',
  what: 'SIGKILL of the worker; another one starts',
  stores: ['folder', 'folder', 's3'],
  async strike(scene) {
    const worker = await scene.startWorker();
    await scene.start();
    const where = await scene.untilPoint();
    await worker.kill();
    await scene.startWorker();
    return { where };
  },
};

export const trainerKilled: FaultKind = {
  name: 'trainer killed',
  what: 'SIGKILL of a trainer child',
  stores: ['folder', 'folder', 's3'],
  async strike(scene) {
    await scene.startWorker();
    await scene.start();
    const where = await scene.untilPoint();
    const pids = await trainersOf(scene);
    const which = scene.random.below(pids.length);
    kill(pids[which]!);
    return { where: `${where}, child ${String(which + 1)} of ${String(pids.length)}` };
  },
};

export const treeKilled: FaultKind = {
  name: 'tree killed',
  what: 'SIGKILL of the worker, its children and the Temporal server at once; all start again',
  stores: ['folder', 'folder', 's3'],
  async strike(scene) {
    const worker = await scene.startWorker();
    await scene.start();
    const where = await scene.untilPoint();
    const pids = await trainersOf(scene);
    const gone = worker.kill();
    pids.forEach(kill);
    await scene.cluster.crashServer(0);
    await gone;
    await scene.startWorker();
    return { where };
  },
};

export const serverKilled: FaultKind = {
  name: 'server killed',
  what: 'SIGKILL of the Temporal server, up to 3 s down',
  stores: ['folder', 'folder', 's3'],
  async strike(scene) {
    await scene.startWorker();
    await scene.start();
    const where = await scene.untilPoint();
    const downMs = scene.random.below(3_000);
    await scene.cluster.crashServer(downMs);
    return { where: `${where}, down ${String(downMs)} ms` };
  },
};
