import { createReadStream, type BigIntStats } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from '../contracts/errors.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { isPattern } from '../core/ingest/patterns.js';
import { codeOf } from './fileErrors.js';
import { readParquetRows } from './foreignParquet.js';
import { decodeForeignSafetensors } from './foreignSafetensors.js';
import { findFiles, fixedFolder, shorten } from './glob.js';

export interface SourcesOptions {
  /** Local folder for what is downloaded. */
  readonly scratchDirectory: string;
  /** Relative paths start here. @default the working directory */
  readonly baseDirectory?: string;
  /** Local files outside of this folder are refused. @default none is */
  readonly root?: string;
}

/** The files that users name: local paths, `file://`, `s3://bucket/key`, each with or without wildcards. */
export function createSources(options: SourcesOptions): SourceFiles {
  return {
    async resolve(uris) {
      const found = await Promise.all(uris.map((uri) => resolveOne(uri, options)));
      const byUri = new Map(found.flat().map((file) => [file.uri, file]));
      return [...byUri.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    },
    async *readParquet(file) {
      yield* readParquetRows(await file.localPath(), file.uri);
    },
    readSafetensors: async (file) => decodeForeignSafetensors(await readFile(await file.localPath())),
  };
}

async function resolveOne(uri: string, options: SourcesOptions): Promise<readonly SourceFile[]> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 's3') {
    const { resolveS3 } = await import('./s3Sources.js');
    return resolveS3(uri, options.scratchDirectory);
  }
  if (scheme !== undefined && scheme !== 'file') {
    throw new DataError(`${uri}: expected a path, file:// or s3://, got the scheme ${scheme}`);
  }
  const base = options.baseDirectory ?? process.cwd();
  const path = scheme === 'file' ? fileURLToPath(uri) : uri;
  try {
    return await resolveLocal(path, base, options.root);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw await noMatch(path, base);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new DataError(`${uri}: this user may not read it (${code})`, { cause: error });
    }
    throw error;
  }
}

async function resolveLocal(path: string, base: string, root: string | undefined): Promise<SourceFile[]> {
  const isLiteral = !isPattern(path) || (await exists(resolve(base, path)));
  const paths = isLiteral ? [path] : await findFiles(path, base);
  if (paths.length === 0) throw await noMatch(path, base);
  return Promise.all(paths.map((each) => localFile(each, resolve(base, each), root)));
}

async function localFile(uri: string, path: string, root: string | undefined): Promise<SourceFile> {
  const found = await stat(path, { bigint: true });
  if (found.isDirectory()) {
    throw new DataError(`${uri} is a folder: name its files, for instance ${uri.replace(/\/$/, '')}/*.csv`);
  }
  if (root !== undefined) await refuseOutside(uri, path, root);
  return {
    uri,
    sizeBytes: Number(found.size),
    ...stampOf(path, found),
    open: () => createReadStream(path, { highWaterMark: 1 << 18 }),
    localPath: () => Promise.resolve(path),
  };
}

/** Within the clock's grain, a file may be written twice without another time of change. */
const SETTLED_AFTER_MS = 2_000;

function stampOf(path: string, found: BigIntStats): Pick<SourceFile, 'stamp'> {
  if (Date.now() - Number(found.ctimeMs) < SETTLED_AFTER_MS) return {};
  return { stamp: [path, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ') };
}

/** Links count for what they point at. */
async function refuseOutside(uri: string, path: string, root: string): Promise<void> {
  const inside = relative(await realpath(root), await realpath(path));
  if (inside !== '..' && !inside.startsWith(`..${sep}`)) return;
  throw new DataError(`${uri} lies outside of ${root}: only files below it may be read`);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function noMatch(path: string, base: string): Promise<DataError> {
  const folder = isPattern(path) ? fixedFolder(path) || '.' : dirname(path);
  const missing = isPattern(path) ? `no file matches ${path}` : `no file ${path}`;
  try {
    const names = (await readdir(resolve(base, folder))).sort();
    return new DataError(`${missing}; the folder ${folder} has: ${shorten(names)}`);
  } catch {
    return new DataError(`${missing}; there is no folder ${resolve(base, folder)}`);
  }
}
