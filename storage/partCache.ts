import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { ObjectStore } from '../contracts/store.js';
import { codeOf } from './fileErrors.js';
import { sha256OfFile } from './hash.js';

/** A cached part that was used so lately is not removed: somebody may be about to open it. */
const IN_USE_MS = 10 * 60_000;

/**
 * Gives the parts of artifacts as local files whose hash has been checked: in place where the store is a folder, else
 * downloaded once and kept, up to `limitBytes`.
 */
export class PartCache {
  private readonly fetching = new Map<string, Promise<string>>();

  constructor(
    private readonly store: ObjectStore,
    private readonly directory: string,
    private readonly limitBytes: number,
  ) {}

  /** @throws StoreError naming the key when the part is missing or altered */
  async localPath(part: Part): Promise<string> {
    const inPlace = this.store.localPath?.(part.key);
    if (inPlace !== undefined) {
      await this.check(part, inPlace);
      return inPlace;
    }
    const running = this.fetching.get(part.sha256);
    if (running !== undefined) return running;
    const fetched = this.fetch(part).finally(() => this.fetching.delete(part.sha256));
    this.fetching.set(part.sha256, fetched);
    return fetched;
  }

  private async fetch(part: Part): Promise<string> {
    const path = join(this.directory, part.sha256);
    if ((await hashOrNothing(path)) === part.sha256) {
      const now = new Date();
      await utimes(path, now, now);
      return path;
    }
    await mkdir(this.directory, { recursive: true });
    await this.makeRoom(part.sizeBytes);
    await this.store.getFile(part.key, path).catch((error: unknown) => {
      throw error instanceof StoreError ? damaged(this.store, part, 'is missing', error) : error;
    });
    try {
      await this.check(part, path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return path;
  }

  private async check(part: Part, path: string): Promise<void> {
    const found = await hashOrNothing(path);
    if (found === part.sha256) return;
    const what =
      found === undefined ? 'is missing' : `is altered: expected SHA-256 ${part.sha256}, got ${found}`;
    throw damaged(this.store, part, what);
  }

  /** Removes what was not used for longest until so many bytes fit. */
  private async makeRoom(wantedBytes: number): Promise<void> {
    const files = await Promise.all(
      (await readdir(this.directory)).map(async (name) => {
        const path = join(this.directory, name);
        return { path, found: await stat(path).catch(() => undefined) };
      }),
    );
    const present = files.flatMap(({ path, found }) => (found === undefined ? [] : [{ path, found }]));
    let total = present.reduce((sum, { found }) => sum + found.size, wantedBytes);
    present.sort((a, b) => a.found.mtimeMs - b.found.mtimeMs);
    for (const { path, found } of present) {
      if (total <= this.limitBytes || Date.now() - found.mtimeMs < IN_USE_MS) return;
      await rm(path, { force: true });
      total -= found.size;
    }
  }
}

async function hashOrNothing(path: string): Promise<string | undefined> {
  try {
    return await sha256OfFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** What is wrong with an object, and what can be done. */
export function damaged(
  store: ObjectStore,
  object: { key: string },
  what: string,
  cause?: unknown,
): StoreError {
  return new StoreError(
    `${store.description}: ${object.key} ${what}. Restore the object from a backup, or start the run anew (assay run FILE): ` +
      'a stage whose output is damaged is done again, and mends it',
    { cause },
  );
}
