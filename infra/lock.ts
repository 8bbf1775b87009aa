import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from './alive.js';

const Owner = z.strictObject({ pid: z.int().positive(), host: z.string() });

const BEAT_MS = 5_000;
/** An owner on another machine that has not touched its lock for so long is gone. */
const SILENT_MS = 60_000;
const LOOK_AGAIN_MS = 200;

export interface LockOptions {
  /** Told once when another process has the lock. */
  readonly onWait?: (owner: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Does work that two processes should not do at once. The lock of a process that died is taken over. Saves work, does
 * not guard data: for an instant two may believe that they own a lock that has just been taken over, so what is made
 * must appear by one rename.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  let isTold = false;
  for (;;) {
    if (await claim(file)) break;
    const owner = await livingOwner(file);
    if (owner === undefined) continue;
    if (!isTold) options.onWait?.(owner);
    isTold = true;
    await sleep(LOOK_AGAIN_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined); // somebody removed it: no harm, see above
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

/** @returns whether it is ours now */
async function claim(file: string): Promise<boolean> {
  const mine = { pid: process.pid, host: hostname() } satisfies z.infer<typeof Owner>;
  try {
    await writeFile(file, JSON.stringify(mine), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Who has it; undefined when it has just become free. Removes the lock of a process that is gone. */
async function livingOwner(file: string): Promise<string | undefined> {
  const owner = await readOwner(file);
  const touched = (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now();
  const isSilent = Date.now() - touched > SILENT_MS;
  const isDead = owner?.host === hostname() && !isAlive(owner.pid);
  if (!isDead && !isSilent)
    return owner ? `process ${String(owner.pid)} on ${owner.host}` : 'another process';
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => undefined); // only one of those who wait succeeds
  await rm(aside, { force: true });
  return undefined;
}

async function readOwner(file: string): Promise<z.infer<typeof Owner> | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // about to be written, or gone
  }
}
