import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openStore, storeFolder } from '../storage/open.js';
import { directories } from './directories.js';
import { messageOf, type Finding } from './finding.js';

const GIB = 2 ** 30;
const DISK_AT_LEAST_GIB = 2;

/** The store, and the folder where work in progress lies. Makes neither. */
export async function storeFindings(): Promise<Finding[]> {
  const { root, storeUri } = directories();
  return [await storeFinding(storeUri), await scratchFinding(join(root, 'scratch'))];
}

async function storeFinding(storeUri: string): Promise<Finding> {
  const name = 'store';
  const mend =
    'set ASSAY_STORE to a folder that can be written, or to s3://bucket/prefix with AWS_* variables';
  const folder = storeFolder(storeUri);
  if (folder !== undefined && !existsSync(folder) && canBeMade(folder)) {
    return notYet(name, folder, () => openStore(storeUri));
  }
  try {
    const store = await openStore(storeUri);
    const key = `doctor/${randomUUID()}`;
    const first = await store.putIfAbsent(key, Buffer.from('1'));
    const second = await store.putIfAbsent(key, Buffer.from('2'));
    await store.delete(key);
    if (first && !second)
      return { name, state: 'ok', found: `${store.description}, writable, keeps conditional writes` };
    return { name, state: 'missing', found: `${store.description} ignores conditional writes`, mend };
  } catch (error) {
    return { name, state: 'missing', found: `${storeUri}: ${messageOf(error)}`, mend };
  }
}

async function scratchFinding(folder: string): Promise<Finding> {
  const name = 'scratch';
  const mend = 'set ASSAY_DIRECTORY to a folder that can be written, on a disk with room';
  if (!canBeMade(folder)) return { name, state: 'missing', found: `${folder} can't be written`, mend };
  if (!existsSync(folder)) return notYet(name, folder, () => mkdir(folder, { recursive: true }));
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / GIB;
  const found = `${folder}, ${free.toFixed(1)} GiB free`;
  return free >= DISK_AT_LEAST_GIB ? { name, state: 'ok', found } : { name, state: 'optional', found, mend };
}

const notYet = (name: string, folder: string, make: () => Promise<unknown>): Finding => ({
  name,
  state: 'optional',
  found: `${folder} is not here yet`,
  mend: 'nothing to do: the first run makes it',
  async fix() {
    await make();
    return `made ${folder}`;
  },
});

/** Whether a folder, or the nearest one above it that exists, can be written. */
function canBeMade(folder: string): boolean {
  let nearest = resolve(folder);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    return statSync(nearest).isDirectory();
  } catch {
    return false;
  }
}
