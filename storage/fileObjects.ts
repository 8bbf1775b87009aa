import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { copyFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ObjectHead, StoredObject } from '../contracts/store.js';
import { codeOf } from './fileErrors.js';

/** The etag of a small object is of its content, of a large one of its inode. */
const SMALL_BYTES = 1 << 16;

/** Writes a new file, synced. @returns the head that it will have under its key */
export function writeBytes(key: string, body: Uint8Array): (path: string) => Promise<ObjectHead> {
  return async (path) => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(body);
      await file.sync();
      if (body.length <= SMALL_BYTES) return { key, sizeBytes: body.length, etag: etagOf(body) };
      return largeHead(key, await file.stat({ bigint: true }));
    } finally {
      await file.close();
    }
  };
}

/** Copies a file to a new one, synced. @returns the head that it will have under its key */
export async function copyWhole(key: string, from: string, to: string): Promise<ObjectHead> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await sync(to);
  const head = await headOf(key, to);
  if (head === undefined) throw new Error(`${to} is gone`);
  return head;
}

/** Moves a file into a folder; folders are mostly there, and made when they turn out not to be. */
export async function moveInto(folder: string, move: () => Promise<void>): Promise<void> {
  try {
    await move();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolders(folder);
    await move();
  }
}

/** Makes a file's bytes, or a folder's names, survive a loss of power. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync().finally(() => file.close());
}

/** Like `mkdir -p`, with the new names synced. */
async function makeFolders(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder))
    await sync(dirname(folder));
}

/** What is at a path, or undefined where there is no file. */
export async function storedAt(key: string, path: string): Promise<StoredObject | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) return undefined;
    const modifiedAtMs = Number(found.mtimeMs);
    if (found.size > SMALL_BYTES) return { ...largeHead(key, found), modifiedAtMs };
    const body = await readFile(path);
    return { key, sizeBytes: body.length, etag: etagOf(body), modifiedAtMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** {@link storedAt} without the time, which is no part of an object's identity. */
export async function headOf(key: string, path: string): Promise<ObjectHead | undefined> {
  const found = await storedAt(key, path);
  return found && { key, sizeBytes: found.sizeBytes, etag: found.etag };
}

function etagOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}

function largeHead(key: string, { size, ino, mtimeNs }: BigIntStats): ObjectHead {
  return { key, sizeBytes: Number(size), etag: `${String(ino)}-${String(mtimeNs)}` };
}

/** No such object: nothing there, a folder there, or a file where the key has a folder. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '');
}
