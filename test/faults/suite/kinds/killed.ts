import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../aftermath.js';
import { sudden } from '../kind.js';
import type { Scene } from '../scene.js';

/** At least one: a worker that has just started starts its first child. */
async function trainersOf({ directory }: Scene): Promise<number[]> {
  for (;;) {
    const found = await processesOf(directory);
    const trainers = found.filter(({ command }) => /workers\/trainer\.[jt]s/.test(command));
    if (trainers.length > 0) return trainers.map(({ pid }) => pid);
    await sleep(50);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

export const workerKilled = sudden({
  name: 'worker killed',
  what: 'SIGKILL of the worker; another one starts',
  stores: ['folder', 'folder', 's3'],
  async now(scene) {
    await scene.killWorkers();
    await scene.startWorker();
    return { where: '' };
  },
});

export const trainerKilled = sudden({
  name: 'trainer killed',
  what: 'SIGKILL of a trainer child',
  stores: ['folder', 'folder', 's3'],
  async now(scene) {
    const pids = await trainersOf(scene);
    const which = scene.random.below(pids.length);
    kill(pids[which]!);
    return { where: `child ${String(which + 1)} of ${String(pids.length)}` };
  },
});

export const treeKilled = sudden({
  name: 'tree killed',
  what: 'SIGKILL of the worker, its children and the Temporal server at once; all start again',
  stores: ['folder', 'folder', 's3'],
  async now(scene) {
    const pids = await trainersOf(scene);
    const gone = scene.killWorkers();
    pids.forEach(kill);
    await scene.cluster.crashServer(0);
    await gone;
    await scene.startWorker();
    return { where: '' };
  },
});

export const serverKilled = sudden({
  name: 'server killed',
  what: 'SIGKILL of the Temporal server, up to 3 s down',
  stores: ['folder', 'folder', 's3'],
  async now(scene) {
    const downMs = scene.random.below(3_000);
    await scene.cluster.crashServer(downMs);
    return { where: `down ${String(downMs)} ms` };
  },
});
