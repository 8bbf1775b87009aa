import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountDisk, unmountDisk } from '../../disk.js';
import { processesOf } from '../aftermath.js';
import type { FaultKind, Struck } from '../kind.js';
import type { Scene } from '../scene.js';

/** Less than a run writes, and less than the largest of its files. */
const SMALLEST_KIB = { disk: 700, file: 16 };
const SPREAD_KIB = { disk: 32_000, file: 340 };

export const fullDisk: FaultKind = {
  name: 'disk full',
  what: 'the disk of the store has no room, until some is made',
  stores: ['folder'],
  cause: /StoreUnavailableError: .*no space left for the store in .*; free some space, then retry/,
  whyNot: () =>
    canMount() || canLimit() ? undefined : 'no small disk can be mounted, and there is no prlimit',
  strike: (scene) => (canMount() ? onSmallDisk(scene) : withFileLimit(scene)),
};

async function onSmallDisk(scene: Scene): Promise<Struck> {
  const kib = SMALLEST_KIB.disk + scene.random.below(SPREAD_KIB.disk);
  const disk = scene.storeUri;
  mountDisk(disk, `size=${String(kib)}k`);
  await scene.startWorker();
  await scene.start();
  return {
    where: `a disk of ${String(kib)} KiB`,
    mend: () => Promise.resolve(void mountDisk(disk, 'remount,size=512m')),
    cleanUp: async () => {
      await scene.killWorkers();
      unmountDisk(disk);
    },
  };
}

/** Without root: no file may grow beyond a size, which fails as a full disk does. */
async function withFileLimit(scene: Scene): Promise<Struck> {
  const kib = SMALLEST_KIB.file + scene.random.below(SPREAD_KIB.file);
  const launcher = ['prlimit', `--fsize=${String(kib * 1024)}:unlimited`] as const;
  await scene.startWorker({}, { launcher: [...launcher] });
  await scene.start();
  return {
    where: `files of at most ${String(kib)} KiB`,
    mend: async () => {
      for (const { pid } of await processesOf(scene.directory)) lift(pid);
    },
  };
}

const lift = (pid: number): void =>
  void execFileSync('prlimit', [`--pid=${String(pid)}`, '--fsize=unlimited'], { stdio: 'pipe' });

const canLimit = (): boolean => succeeds(() => execFileSync('prlimit', ['--version'], { stdio: 'pipe' }));
const canMount = (): boolean => {
  const at = join(tmpdir(), `assay-disk-${String(process.pid)}`);
  const why = mountDisk(at, 'size=16k');
  if (why === undefined) unmountDisk(at);
  return why === undefined;
};

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
