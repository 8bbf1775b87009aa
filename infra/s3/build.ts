import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { findOnPath } from '../temporal/findServer.js';

const run = promisify(execFile);

export const VERSITYGW_VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSITYGW_VERSION}`;
const TELL_EVERY_MS = 15_000;

/**
 * Builds versitygw with Go, aside, and renames, so that a broken build leaves nothing. Go keeps what it has compiled: a
 * build that was given up goes on from there the next time.
 *
 * @throws MissingToolError if there is no Go, it can't build, or it takes too long
 */
export async function buildVersitygw(
  to: string,
  environment: NodeJS.ProcessEnv,
  withinMs: number,
  say: (what: string) => void,
): Promise<void> {
  const go = findOnPath('go', environment);
  if (go === undefined) throw new MissingToolError('there is no Go to build versitygw with');
  const startedAtMs = performance.now();
  const seconds = (): string => ((performance.now() - startedAtMs) / 1000).toFixed(0);
  say(`building versitygw ${VERSITYGW_VERSION} with Go into ${to}, once, for ${withinMs / 1000} s at most`);
  const telling = setInterval(() => say(`building versitygw: ${seconds()} s`), TELL_EVERY_MS);
  await mkdir(dirname(to), { recursive: true });
  const aside = await mkdtemp(join(dirname(to), 'build-'));
  try {
    await run('nice', ['-n', '19', go, 'install', MODULE], {
      env: { ...environment, GOBIN: aside, GOFLAGS: '' },
      timeout: withinMs,
      maxBuffer: 64 << 20,
    });
    await rename(join(aside, 'versitygw'), to);
  } catch (error) {
    const { stderr, killed } = error as { stderr?: string; killed?: boolean };
    const why = killed === true ? `not ready after ${seconds()} s` : lastLine(stderr) || String(error);
    throw new MissingToolError(`go install ${MODULE}: ${why}`, { cause: error });
  } finally {
    clearInterval(telling);
    await rm(aside, { recursive: true, force: true });
  }
}

const lastLine = (text = ''): string => text.trim().split('\n').at(-1) ?? '';
