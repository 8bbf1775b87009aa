import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MissingToolError } from '../contracts/errors.js';
import { isAlive } from './alive.js';

export interface DownloadProgress {
  readonly receivedBytes: number;
  /** Unknown when the server doesn't tell. */
  readonly totalBytes: number | undefined;
}

export interface DownloadRequest {
  readonly url: string;
  /** Lower-case hexadecimal SHA-256 of the whole file. */
  readonly sha256: string;
  /** Where the file appears, whole and checked, or not at all. */
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Gives up an attempt when nothing arrived for so long. @default 60000 */
  readonly idleTimeoutMs?: number;
  /** @default 4 */
  readonly attempts?: number;
  /** Before the second attempt; doubles with each further one. @default 1000 */
  readonly retryDelayMs?: number;
}

class HttpError extends Error {
  constructor(
    url: string,
    readonly status: number,
  ) {
    super(`${url}: HTTP ${String(status)}`);
  }
}

const inFlight = new Map<string, Promise<void>>();

/**
 * Downloads a file with a known hash. An earlier attempt that was cut off is resumed, and two downloads of one file at
 * once don't disturb each other. Does nothing where the right file is there already.
 *
 * @throws MissingToolError when the server has something else, or can't be reached after some attempts
 */
export function downloadFile(request: DownloadRequest): Promise<void> {
  const running = inFlight.get(request.to);
  if (running !== undefined) return running;
  const download = downloadOnce(request).finally(() => inFlight.delete(request.to));
  inFlight.set(request.to, download);
  return download;
}

/** Lower-case hexadecimal SHA-256 of a file; undefined when there is none. */
export async function hashFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

async function downloadOnce(request: DownloadRequest): Promise<void> {
  if ((await hashFile(request.to)) === request.sha256) return;
  await mkdir(dirname(request.to), { recursive: true });
  const partial = await adoptPartial(request.to);
  try {
    const resumed = existsSync(partial);
    await receiveWithRetries(request, partial);
    // What an earlier attempt left may be of another file: once more, from the start.
    if (resumed && (await hashFile(partial)) !== request.sha256) {
      await rm(partial, { force: true });
      await receiveWithRetries(request, partial);
    }
    await publish(request, partial);
  } catch (error) {
    // Whoever comes next may go on from here; a whole download of wrong content is gone by now.
    await rename(partial, `${request.to}.partial`).catch(() => undefined);
    throw error;
  }
}

/** Takes over what an earlier attempt left, by a rename that only one process can win. */
async function adoptPartial(to: string): Promise<string> {
  const mine = `${to}.${String(process.pid)}.${randomUUID().slice(0, 8)}.partial`;
  for (const name of await orphans(to)) {
    try {
      await rename(name, mine);
      return mine;
    } catch {
      // Another process was faster: look at the next one.
    }
  }
  return mine;
}

async function orphans(to: string): Promise<string[]> {
  const names = await readdir(dirname(to));
  const found = names.filter((name) => {
    if (!name.startsWith(`${basename(to)}.`) || !name.endsWith('.partial')) return false;
    const owner = /\.(\d+)\.[0-9a-f]{8}\.partial$/.exec(name)?.[1];
    return owner === undefined || !isAlive(Number(owner));
  });
  return found.map((name) => join(dirname(to), name));
}

async function receiveWithRetries(request: DownloadRequest, partial: string): Promise<void> {
  const { attempts = 4, retryDelayMs = 1000 } = request;
  for (let attempt = 1; ; attempt++) {
    try {
      return await receive(request, partial);
    } catch (error) {
      request.signal?.throwIfAborted();
      const refused = error instanceof HttpError && error.status < 500 && error.status !== 429;
      if (refused || attempt >= attempts) {
        const what =
          error instanceof Error
            ? (error.cause instanceof Error ? error.cause : error).message
            : String(error);
        throw new MissingToolError(`download of ${withoutCredentials(request.url)} failed: ${what}`, {
          cause: error,
        });
      }
      await sleep(retryDelayMs * 2 ** (attempt - 1));
    }
  }
}

async function receive(request: DownloadRequest, partial: string): Promise<void> {
  const have = (await stat(partial).catch(() => undefined))?.size ?? 0;
  const stalled = new AbortController();
  const { idleTimeoutMs = 60_000 } = request;
  const giveUp = (): void => stalled.abort(new Error(`nothing received for ${String(idleTimeoutMs)} ms`));
  let timer = setTimeout(giveUp, idleTimeoutMs);
  try {
    const signal =
      request.signal === undefined ? stalled.signal : AbortSignal.any([stalled.signal, request.signal]);
    const range = have > 0 ? { range: `bytes=${String(have)}-` } : undefined;
    const response = await fetch(request.url, { headers: { ...request.headers, ...range }, signal });
    if (response.status === 416) {
      await response.body?.cancel();
      // Nothing is left to fetch, or the partial is of another file: its hash will tell.
      return;
    }
    if (!response.ok || response.body === null)
      throw new HttpError(withoutCredentials(request.url), response.status);
    const resumed = response.status === 206;
    const length = response.headers.get('content-length');
    let received = resumed ? have : 0;
    const total = length === null ? undefined : received + Number(length);
    const file = await open(partial, resumed ? 'a' : 'w');
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, idleTimeoutMs);
        await file.appendFile(chunk);
        received += chunk.length;
        request.onProgress?.({ receivedBytes: received, totalBytes: total });
      }
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function publish(request: DownloadRequest, partial: string): Promise<void> {
  const found = await hashFile(partial);
  if (found !== request.sha256) {
    await rm(partial, { force: true });
    throw new MissingToolError(
      `${withoutCredentials(request.url)}: expected SHA-256 ${request.sha256}, got ${found ?? 'no file'}; ` +
        'the partial download was removed, run the command again',
    );
  }
  const file = await open(partial, 'r');
  await file.sync().finally(() => file.close());
  await rename(partial, request.to);
}

/** The URL as it may be shown: without user, password and query. */
function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
