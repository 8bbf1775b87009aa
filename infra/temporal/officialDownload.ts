import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { hashFile, type DownloadProgress } from '../download.js';

const ANSWER_WITHIN_MS = 5_000;
const WHOLE_DOWNLOAD_WITHIN_MS = 10 * 60_000;

export interface OfficialCliRequest {
  readonly version: string;
  /** Of the executable inside the archive. */
  readonly sha256: string;
  /** Where it appears, whole, checked and executable, or not at all. */
  readonly to: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** @default https://temporal.download */
  readonly origin?: string;
}

/**
 * Fetches the Temporal CLI from its makers. Gives up within seconds where their site can't be reached.
 *
 * @throws MissingToolError when the archive holds another executable than the pinned one
 */
export async function fetchOfficialCli(request: OfficialCliRequest): Promise<void> {
  const response = await firstAnswer(archiveUrl(request));
  await mkdir(dirname(request.to), { recursive: true });
  const scratch = await mkdtemp(`${request.to}.`);
  try {
    const archive = join(scratch, 'temporal.tar.gz');
    await pipeline(counted(response, request.onProgress), createWriteStream(archive));
    await promisify(execFile)('tar', ['-xzf', archive, '-C', scratch, 'temporal']);
    const unpacked = join(scratch, 'temporal');
    const found = await hashFile(unpacked);
    if (found !== request.sha256) {
      throw new MissingToolError(`expected an executable of SHA-256 ${request.sha256}, got ${String(found)}`);
    }
    await chmod(unpacked, 0o755);
    await rename(unpacked, request.to);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function archiveUrl({ version, origin = 'https://temporal.download' }: OfficialCliRequest): string {
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  return `${origin}/cli/archive/v${version}?platform=${platform}&arch=${architecture}`;
}

async function firstAnswer(url: string): Promise<Response> {
  const control = new AbortController();
  const noAnswer = setTimeout(
    () => control.abort(new Error(`no answer within ${String(ANSWER_WITHIN_MS)} ms`)),
    ANSWER_WITHIN_MS,
  );
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([control.signal, AbortSignal.timeout(WHOLE_DOWNLOAD_WITHIN_MS)]),
    });
    if (response.ok && response.body !== null) return response;
    throw new Error(`HTTP ${String(response.status)}`);
  } catch (error) {
    // What fetch itself says is only "fetch failed".
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  } finally {
    clearTimeout(noAnswer);
  }
}

function counted(response: Response, onProgress: OfficialCliRequest['onProgress']): Readable {
  const length = response.headers.get('content-length');
  const totalBytes = length === null ? undefined : Number(length);
  let receivedBytes = 0;
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  body.on('data', (chunk: Uint8Array) => {
    receivedBytes += chunk.length;
    onProgress?.({ receivedBytes, totalBytes });
  });
  body.pause();
  return body;
}
