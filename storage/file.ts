import { createHash, randomUUID } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StoreError } from '../contracts/errors.js';
import type { ObjectHead, ObjectStore, StoredObject } from '../contracts/store.js';
import { codeOf, explainFileError } from './fileErrors.js';
import { withLock } from './fileLock.js';
import { copyWhole, headOf, isMissing, moveInto, storedAt, sync, writeBytes } from './fileObjects.js';
import { checkKey, checkPrefix } from './keys.js';

/** Names that begin with a dot are no keys. */
const TEMPORARY = '.tmp';
const LOCKS = '.locks';
const STALE_TEMPORARY_MS = 24 * 3600_000;

/** A store in a local folder. */
export interface FileStore extends ObjectStore {
  localPath(key: string): string;
}

/**
 * Opens a folder as a store, and makes it where it doesn't exist. Objects appear whole or not at all: they are written
 * aside, synced, then linked (create-only) or renamed (replace).
 *
 * @throws StoreError when the folder can't be used
 */
export async function openFileStore(root: string): Promise<FileStore> {
  const absolute = resolve(root);
  const store = new Folder(absolute);
  try {
    await mkdir(join(absolute, TEMPORARY), { recursive: true });
    await mkdir(join(absolute, LOCKS), { recursive: true });
    await store.removeLeftovers();
  } catch (error) {
    throw explainFileError(error, `opening the store ${absolute}`, absolute);
  }
  return store;
}

class Folder implements FileStore {
  readonly description: string;

  constructor(private readonly root: string) {
    this.description = pathToFileURL(root).href;
  }

  localPath(key: string): string {
    return join(this.root, checkKey(key));
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const path = this.localPath(key);
    return this.explained(`reading ${key}`, async () => {
      try {
        if (range === undefined) return await readFile(path);
        return await readRange(path, range);
      } catch (error) {
        throw isMissing(error) ? missing(key, this.description, error) : error;
      }
    });
  }

  head(key: string): Promise<StoredObject | undefined> {
    const path = this.localPath(key);
    return this.explained(`looking at ${key}`, () => storedAt(key, path));
  }

  put(key: string, body: Uint8Array): Promise<ObjectHead> {
    return this.place(key, writeBytes(key, body), async (from, to) => {
      await this.locked(key, () => rename(from, to));
    });
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<ObjectHead | undefined> {
    let won = true;
    const head = await this.place(key, writeBytes(key, body), async (from, to) => {
      try {
        await link(from, to);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        if ((await stat(to)).isDirectory()) throw error;
        won = false;
      }
      await unlink(from);
    });
    return won ? head : undefined;
  }

  async putIfMatch(key: string, body: Uint8Array, etag: string): Promise<ObjectHead | undefined> {
    let won = false;
    const head = await this.place(key, writeBytes(key, body), (from, to) =>
      this.locked(key, async () => {
        won = (await headOf(key, to))?.etag === etag;
        await (won ? rename(from, to) : rm(from));
      }),
    );
    return won ? head : undefined;
  }

  putFile(key: string, path: string): Promise<ObjectHead> {
    return this.place(key, (aside) => copyWhole(key, path, aside), rename);
  }

  async getFile(key: string, path: string): Promise<void> {
    const from = this.localPath(key);
    const aside = `${path}.${randomUUID()}.tmp`;
    await this.explained(`copying ${key} to ${path}`, async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        if (!(await isFile(from))) throw missing(key, this.description);
        await copyFile(from, aside, constants.COPYFILE_FICLONE);
        await rename(aside, path);
      } finally {
        await rm(aside, { force: true });
      }
    });
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    const folder = checkPrefix(prefix).slice(0, prefix.lastIndexOf('/') + 1);
    for await (const key of this.walk(folder, prefix)) {
      // It may have been deleted since the folder was read.
      const head = await this.head(key);
      if (head !== undefined) yield head;
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.localPath(key);
    await this.explained(`deleting ${key}`, async () => {
      if (await isFile(path)) await rm(path, { force: true });
    });
  }

  /** Removes what processes that were killed had half written. */
  async removeLeftovers(): Promise<void> {
    const folder = join(this.root, TEMPORARY);
    const oldest = Date.now() - STALE_TEMPORARY_MS;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < oldest) await rm(path, { force: true });
    }
  }

  /** Writes aside (synced), moves into place, syncs the folder. Leaves nothing aside, whatever happens. */
  private place(
    key: string,
    write: (path: string) => Promise<ObjectHead>,
    move: (from: string, to: string) => Promise<void>,
  ): Promise<ObjectHead> {
    const to = this.localPath(key);
    const aside = join(this.root, TEMPORARY, randomUUID());
    return this.explained(`writing ${key}`, async () => {
      try {
        // The head is of the file that is moved: by the time it is in place, somebody else may have replaced it.
        const head = await write(aside);
        await moveInto(dirname(to), () => move(aside, to));
        await sync(dirname(to));
        return head;
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    });
  }

  private locked<T>(key: string, work: () => Promise<T>): Promise<T> {
    const name = createHash('sha256').update(key).digest('hex');
    return withLock(join(this.root, LOCKS, name), work);
  }

  /** Keys below a folder in the order of their bytes, as S3 gives them. */
  private async *walk(folder: string, prefix: string): AsyncIterable<string> {
    const entries = await this.explained(`listing ${folder}`, async () => {
      try {
        return await readdir(join(this.root, folder), { withFileTypes: true });
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
    const names = entries
      .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
      .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (!name.endsWith('/')) {
        if (name.startsWith(prefix)) yield name;
      } else if (name.startsWith(prefix) || prefix.startsWith(name)) yield* this.walk(name, prefix);
    }
  }

  private async explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainFileError(error, doing, this.root);
    }
  }
}

async function readRange(path: string, range: { start: number; end: number }): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(range.end, size) - range.start));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, range.start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function missing(key: string, description: string, cause?: unknown): StoreError {
  return new StoreError(
    `${description} has no ${key}: it was deleted, or this is another store than it was written to`,
    {
      cause,
    },
  );
}
