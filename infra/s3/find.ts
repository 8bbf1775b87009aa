import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { cacheDirectory } from '../cache.js';

const run = promisify(execFile);

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;
/** On two busy cores it took 4 minutes. */
const BUILD_TIMEOUT_MS = 20 * 60_000;

export interface FindOptions {
  /** Told what takes long, before it begins. */
  readonly onProgress?: (what: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The executable of versitygw, an S3 server over a folder: on PATH, else in the cache, else built into the cache with Go
 * (some minutes, once, at low priority).
 *
 * @throws MissingToolError saying what to install
 */
export async function findVersitygw(options: FindOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const onPath = await findOnPath('versitygw', environment);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDirectory(environment), 'versitygw', VERSION, 'versitygw');
  if (await isExecutable(cached)) return cached;
  const go = await findOnPath('go', environment);
  if (go === undefined) {
    throw new MissingToolError(
      'no S3 server for tests: install Go (versitygw is then built once), or put versitygw on PATH',
    );
  }
  options.onProgress?.(`building versitygw ${VERSION} with Go into ${cached}, once, some minutes`);
  await build(go, cached, environment);
  return cached;
}

/** Builds aside and renames, so that two builds at once don't disturb each other and a broken one leaves nothing. */
async function build(go: string, to: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const folder = join(to, '..');
  await mkdir(folder, { recursive: true });
  const aside = await mkdtemp(join(folder, 'build-'));
  try {
    await run('nice', ['-n', '19', go, 'install', MODULE], {
      env: { ...environment, GOBIN: aside, GOFLAGS: '' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 << 20,
    });
    await rename(join(aside, 'versitygw'), to);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const why = stderr?.trim().split('\n').at(-1) ?? String(error);
    throw new MissingToolError(`go install ${MODULE} failed: ${why}`, { cause: error });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function findOnPath(name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
