import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../contracts/errors.js';
import { codeOf } from './fileErrors.js';

/** The work under a lock is one rename: whoever holds it for so long was killed. */
const STALE_MS = 10_000;
const GIVE_UP_MS = 30_000;

/** Runs `work` while no other process on this file system holds the lock file. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await unlink(path).catch(ignoreMissing);
  }
}

/** Whoever took the lock for stale has removed it. */
function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function acquire(path: string): Promise<void> {
  const token = randomUUID();
  let nowMs: (() => number) | undefined;
  for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += 5) {
    try {
      await (await open(path, 'wx')).close();
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    nowMs ??= await clockOfDisk(`${path}.${token}`);
    await removeStale(path, token, nowMs());
    await sleep(5);
  }
  throw new StoreUnavailableError(
    `the lock ${path} is held by another process for ${String(GIVE_UP_MS)} ms; retry`,
  );
}

/** The clock that times of files are by: a network disk has its own, and this machine's may jump. */
async function clockOfDisk(path: string): Promise<() => number> {
  await (await open(path, 'wx')).close();
  const { mtimeMs } = await stat(path);
  await rm(path, { force: true });
  const lookedAtMs = performance.now();
  return () => mtimeMs + performance.now() - lookedAtMs;
}

async function removeStale(path: string, token: string, nowMs: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || nowMs - found.mtimeMs < STALE_MS) return;
  // By a rename, which only one of several waiting processes can win.
  const aside = `${path}.${token}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
