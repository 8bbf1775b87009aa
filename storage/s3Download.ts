import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../contracts/errors.js';
import { statusOf } from './s3Errors.js';
import { SHA256_FIELD, type S3Session } from './s3Client.js';

export interface ByteRange {
  readonly start: number;
  readonly end: number; // excluded
}

/** The bytes that came are not those that were written. What was read of them is to be thrown away. */
export class WrongBytesError extends Error {
  override readonly name = 'WrongBytesError' as const;
}

/**
 * Runs a read of a whole object, and runs it again where its bytes came wrong.
 *
 * @throws StoreUnavailableError when they come wrong each time
 */
export async function readRight<T>(session: S3Session, key: string, read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof WrongBytesError)) throw error;
      if (attempt < session.maxAttempts) continue;
      throw new StoreUnavailableError(
        `reading ${key} in ${session.description}: ${error.message}, ${String(attempt)} times; ` +
          'the object or the way to it is damaged: retry, or restore the object from a backup',
        { cause: error },
      );
    }
  }
}

/**
 * The bytes of an object. A connection that breaks or stalls within the body is taken up again where it ended, as long
 * as the object is still the same one. The bytes of a whole object are compared with the checksum they were written
 * with; those of a range can't be.
 *
 * @throws WrongBytesError at the end of a whole object
 */
export async function* readObject(
  session: S3Session,
  key: string,
  range?: ByteRange,
): AsyncIterable<Uint8Array> {
  let position = range?.start ?? 0;
  let etag: string | undefined;
  let expected: string | undefined;
  const hash = createHash('sha256');
  for (let attempt = 1; ; attempt++) {
    const stalled = new AbortController();
    const response = await request(session, key, position, range?.end, etag, stalled.signal);
    if (response === undefined) break;
    etag ??= response.ETag;
    expected ??= response.Metadata?.[SHA256_FIELD];
    try {
      for await (const chunk of withIdleTimeout(response, session.idleTimeoutMs, stalled)) {
        position += chunk.length;
        if (range === undefined) hash.update(chunk);
        yield chunk;
      }
      break;
    } catch (error) {
      if (isChecksumError(error)) throw new WrongBytesError((error as Error).message, { cause: error });
      if (attempt >= session.maxAttempts) throw error;
      await sleep(100 * 2 ** attempt);
    }
  }
  if (range !== undefined || expected === undefined) return;
  const found = hash.digest('hex');
  if (found !== expected) throw new WrongBytesError(`expected SHA-256 ${expected}, got ${found}`);
}

async function request(
  session: S3Session,
  key: string,
  start: number,
  end: number | undefined,
  etag: string | undefined,
  abortSignal: AbortSignal,
): Promise<GetObjectCommandOutput | undefined> {
  const whole = start === 0 && end === undefined;
  const range = `bytes=${String(start)}-${end === undefined ? '' : String(end - 1)}`;
  try {
    return await session.client.send(
      new session.sdk.GetObjectCommand({
        Bucket: session.bucket,
        Key: session.keyOf(key),
        ...(whole ? { ChecksumMode: 'ENABLED' } : { Range: range }),
        ...(etag === undefined ? {} : { IfMatch: etag }),
      }),
      { abortSignal },
    );
  } catch (error) {
    // The range begins at or behind the end: nothing is left.
    if (statusOf(error) === 416) return undefined;
    if (statusOf(error) !== 412) throw error;
    throw new StoreUnavailableError(`${key} was replaced while it was read; retry`, { cause: error });
  }
}

async function* withIdleTimeout(
  response: GetObjectCommandOutput,
  idleTimeoutMs: number,
  stalled: AbortController,
): AsyncIterable<Uint8Array> {
  const body = response.Body as (AsyncIterable<Uint8Array> & { destroy(error?: Error): void }) | undefined;
  if (body === undefined) return;
  const giveUp = (): void => {
    const error = new Error(`nothing received for ${String(idleTimeoutMs)} ms`);
    stalled.abort(error);
    body.destroy(error);
  };
  let timer = setTimeout(giveUp, idleTimeoutMs);
  let received = 0;
  try {
    for await (const chunk of body) {
      // While the consumer works, nothing is late.
      clearTimeout(timer);
      received += chunk.length;
      yield chunk;
      timer = setTimeout(giveUp, idleTimeoutMs);
    }
  } finally {
    clearTimeout(timer);
  }
  if (response.ContentLength !== undefined && received < response.ContentLength) {
    throw new Error(`the body ended after ${String(received)} of ${String(response.ContentLength)} bytes`);
  }
}

function isChecksumError(error: unknown): boolean {
  return error instanceof Error && /checksum mismatch/i.test(error.message);
}
