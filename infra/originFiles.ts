import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DataError } from '../contracts/errors.js';
import type { BuiltinDataset, OriginFile } from '../datasets/dataset.js';
import { cacheDirectory } from './cache.js';
import { downloadFile, type DownloadProgress } from './download.js';
import { extractMember } from './zip.js';

export interface OriginOptions {
  /** Folder with a folder for each set. @default the environment's ASSAY_DATA_DIR */
  readonly dataDirectory?: string | undefined;
  /** @default the environment's, see cache.ts */
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (file: string, progress: DownloadProgress) => void;
  /** Where repositories' raw files are. @default raw.githubusercontent.com */
  readonly baseUrl?: string;
}

/**
 * The files of a set, unpacked: from the data folder, else from the cache, else by a checksummed download into it.
 *
 * @returns by OriginFile.name
 * @throws DataError that says where the file was looked for and where to put it
 */
export async function loadOriginFiles(
  set: Pick<BuiltinDataset, 'name' | 'folder' | 'files'>,
  options: OriginOptions = {},
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const file of set.files) {
    const bytes = (await fromDataFolder(set, file, options)) ?? (await fromCache(set, file, options));
    files.set(file.name, file.member === undefined ? bytes : await unzip(bytes, file.member));
  }
  return files;
}

type Named = Pick<BuiltinDataset, 'name' | 'folder'>;

const dataFolder = (options: OriginOptions): string | undefined =>
  'dataDirectory' in options ? options.dataDirectory : process.env['ASSAY_DATA_DIR'];

async function fromDataFolder(
  set: Named,
  file: OriginFile,
  options: OriginOptions,
): Promise<Uint8Array | undefined> {
  const folder = dataFolder(options);
  if (folder === undefined || folder === '') return undefined;
  const path = join(folder, set.folder, file.name);
  const plain = await readIfThere(path);
  const packed = plain ? undefined : await readIfThere(`${path}.gz`);
  const bytes = plain ?? (packed && gunzipSync(packed));
  if (!bytes) return undefined;
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === file.sha256) return bytes;
  throw new DataError(
    `${path}: expected SHA-256 ${file.sha256} as published, got ${found}; remove or replace the file`,
  );
}

async function fromCache(set: Named, file: OriginFile, options: OriginOptions): Promise<Uint8Array> {
  if ('derived' in file) {
    throw new DataError(
      `data set ${set.name}: ${file.name} is missing: it is ${file.derived}; put it (SHA-256 ${file.sha256}) ` +
        `into the folder ${set.folder} of ASSAY_DATA_DIR, or use builtin:synthetic, which needs no files`,
    );
  }
  const path = join(options.cacheDirectory ?? cacheDirectory(), 'datasets', set.folder, file.name);
  const base = options.baseUrl ?? 'https://raw.githubusercontent.com';
  const url = `${base}/${file.repository}/${file.commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
  const { signal, onProgress } = options;
  try {
    await downloadFile({
      ...{ url, sha256: file.sha256, to: path },
      ...(signal && { signal }),
      ...(onProgress && { onProgress: (progress) => onProgress(file.name, progress) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const folder = dataFolder(options);
    const looked = folder ? `not in ${join(folder, set.folder)}` : 'ASSAY_DATA_DIR is not set';
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError(
      `data set ${set.name}: ${file.name} is missing: ${looked}, not in the cache, and ${why}. ` +
        `Put the file from ${url} (SHA-256 ${file.sha256}) at ${path}, or use builtin:synthetic, which needs no files`,
      { cause: error },
    );
  }
  return readFile(path);
}

async function unzip(bytes: Uint8Array, member: string): Promise<Uint8Array> {
  const folder = join(tmpdir(), `assay-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const [archive, unpacked] = [join(folder, 'archive.zip'), join(folder, 'member')];
    await writeFile(archive, bytes);
    await extractMember(archive, member, unpacked);
    return await readFile(unpacked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
