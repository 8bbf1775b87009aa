import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, StoreError } from '../contracts/errors.js';
import type { ObjectHead, ObjectStore, StoredObject } from '../contracts/store.js';
import { checkKey, checkPrefix } from './keys.js';
import { openSession, SHA256_FIELD, type S3Options, type S3Session } from './s3Client.js';
import { sha256 } from './hash.js';
import { readObject, readRight, type ByteRange } from './s3Download.js';
import { checkEncrypted, encrypt } from './s3Encryption.js';
import { attemptsOf, explainS3Error, statusOf } from './s3Errors.js';
import { uploadFile } from './s3Upload.js';

/** Not listed. */
const PROBE = 'store.probe';
const CONFLICT_ATTEMPTS = 6;

/** @throws ConfigError when it isn't `s3://bucket` or `s3://bucket/prefix` */
export function parseS3Uri(uri: string): { readonly bucket: string; readonly prefix: string } {
  const found = /^s3:\/\/([a-z0-9.-]{3,63})(?:\/(.*))?$/.exec(uri);
  if (found === null) throw new ConfigError(`${uri}: expected s3://bucket/prefix`);
  return { bucket: found[1]!, prefix: (found[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/**
 * Opens a bucket, or a prefix in it, as a store.
 *
 * @throws StoreError when there is no bucket, no right to use it, or the server ignores conditions on writes;
 *   StoreUnavailableError when it can't be reached
 */
export async function openS3Store(
  options: S3Options,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ObjectStore> {
  const store = new Bucket(await openSession(options, environment));
  await store.probe();
  return store;
}

class Bucket implements ObjectStore {
  readonly description: string;

  constructor(private readonly session: S3Session) {
    this.description = session.description;
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array> {
    checkKey(key);
    return this.explained(`reading ${key}`, async () => {
      if (range !== undefined && range.end <= range.start) return new Uint8Array(0);
      return readRight(this.session, key, async () => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of readObject(this.session, key, range)) chunks.push(chunk);
        return Buffer.concat(chunks);
      });
    });
  }

  head(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    return this.explained(`looking at ${key}`, async () => {
      try {
        const { client, sdk } = this.session;
        const found = await client.send(new sdk.HeadObjectCommand(this.target(key)));
        const { ContentLength = 0, ETag = '', LastModified } = found;
        return { key, sizeBytes: ContentLength, etag: ETag, modifiedAtMs: LastModified?.getTime() ?? 0 };
      } catch (error) {
        if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return undefined;
        throw error;
      }
    });
  }

  async put(key: string, body: Uint8Array): Promise<ObjectHead> {
    const head = await this.write(checkKey(key), body, {});
    if (head === undefined)
      throw new StoreError(`writing ${key} in ${this.description}: refused without a condition`);
    return head;
  }

  putIfAbsent(key: string, body: Uint8Array): Promise<ObjectHead | undefined> {
    return this.write(checkKey(key), body, { IfNoneMatch: '*' });
  }

  putIfMatch(key: string, body: Uint8Array, etag: string): Promise<ObjectHead | undefined> {
    return this.write(checkKey(key), body, { IfMatch: etag });
  }

  putFile(key: string, path: string): Promise<ObjectHead> {
    checkKey(key);
    return this.explained(`writing ${key}`, async () => ({
      key,
      ...(await uploadFile(this.session, key, path)),
    }));
  }

  getFile(key: string, path: string): Promise<void> {
    checkKey(key);
    const aside = `${path}.${randomUUID()}.tmp`;
    return this.explained(`copying ${key} to ${path}`, async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        await readRight(this.session, key, async () => {
          const file = await open(aside, 'w');
          try {
            for await (const chunk of readObject(this.session, key)) await file.appendFile(chunk);
          } finally {
            await file.close();
          }
        });
        await rename(aside, path);
      } finally {
        await rm(aside, { force: true });
      }
    });
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    const { client, sdk, bucket, keyOf } = this.session;
    const full = keyOf(checkPrefix(prefix));
    let token: string | undefined;
    do {
      const page = await this.explained(`listing ${prefix}`, () =>
        client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: full, ContinuationToken: token })),
      );
      for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
        const key = Key.slice(keyOf('').length);
        // Folder markers of other tools and our probe are no objects of the store.
        if (key.endsWith('/') || key === PROBE) continue;
        yield { key, sizeBytes: Size, etag: ETag, modifiedAtMs: LastModified?.getTime() ?? 0 };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  delete(key: string): Promise<void> {
    checkKey(key);
    return this.explained(`deleting ${key}`, async () => {
      const { client, sdk } = this.session;
      try {
        await client.send(new sdk.DeleteObjectCommand(this.target(key)));
      } catch (error) {
        if (statusOf(error) !== 404 || (error as Error).name === 'NoSuchBucket') throw error;
      }
    });
  }

  /** Finds out whether the server honours conditions. @throws StoreError when it doesn't */
  async probe(): Promise<void> {
    // A write without a condition tells at once whether the server encrypts.
    if (this.session.encryption !== undefined) await this.put(PROBE, Buffer.from(randomUUID()));
    // Another body each time: a refused write whose answer got lost must not look like one that succeeded.
    if ((await this.write(PROBE, Buffer.from(randomUUID()), { IfNoneMatch: '*' })) === undefined) return;
    if ((await this.write(PROBE, Buffer.from(randomUUID()), { IfNoneMatch: '*' })) === undefined) return;
    throw new StoreError(
      `${this.description}: the server ignores If-None-Match, so that two writers could overwrite each other; ` +
        'use a server that honours conditional writes (AWS S3, versitygw, SeaweedFS), or a folder',
    );
  }

  private async write(
    key: string,
    body: Uint8Array,
    condition: { IfNoneMatch?: string; IfMatch?: string },
  ): Promise<ObjectHead | undefined> {
    const { client, sdk } = this.session;
    const hash = sha256(body);
    for (let attempt = 1; ; attempt++) {
      try {
        const written = { Body: body, Metadata: { [SHA256_FIELD]: hash }, ...encrypt(this.session) };
        const answer = await client.send(
          new sdk.PutObjectCommand({ ...this.target(key), ...written, ...condition }),
        );
        checkEncrypted(this.session, key, answer);
        return { key, sizeBytes: body.length, etag: answer.ETag ?? '' };
      } catch (error) {
        if (isRefusal(error, condition)) return await this.ownWrite(key, body, error);
        if (!isConflict(error) || attempt >= CONFLICT_ATTEMPTS) {
          throw explainS3Error(error, `writing ${key}`, this.description);
        }
        await sleep(20 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  /** A write that was sent again since its answer got lost is refused because of itself: then it has succeeded. */
  private async ownWrite(key: string, body: Uint8Array, refusal: unknown): Promise<ObjectHead | undefined> {
    if (attemptsOf(refusal) < 2) return undefined;
    const head = await this.head(key);
    if (head?.sizeBytes !== body.length) return undefined;
    return Buffer.from(await this.get(key)).equals(body) ? head : undefined;
  }

  private target(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.session.bucket, Key: this.session.keyOf(key) };
  }

  private async explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainS3Error(error, doing, this.description);
    }
  }
}

/** The condition did not hold. With If-Match, 404 says that there is no object any more. */
function isRefusal(
  error: unknown,
  condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string },
): boolean {
  if (statusOf(error) === 412) return condition.IfNoneMatch !== undefined || condition.IfMatch !== undefined;
  return condition.IfMatch !== undefined && (error as Error).name === 'NoSuchKey';
}

/** Another conditional write of the same key was under way: S3 asks to try again. */
function isConflict(error: unknown): boolean {
  return (error as Error).name === 'ConditionalRequestConflict';
}
