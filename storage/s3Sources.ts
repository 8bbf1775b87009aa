import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DataError } from '../contracts/errors.js';
import type { SourceFile } from '../contracts/store.js';
import { isPattern } from '../core/ingest/patterns.js';
import { fixedFolder, matcher, shorten } from './glob.js';
import { openSession, type S3Session } from './s3Client.js';
import { readObject } from './s3Download.js';
import { explainS3Error } from './s3Errors.js';

/** Objects that `s3://bucket/key` names; the key may have wildcards. @throws DataError when there is none */
export async function resolveS3(
  uri: string,
  scratchDirectory: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<SourceFile[]> {
  const found = /^s3:\/\/([^/]+)\/(.+)$/i.exec(uri);
  if (found === null) throw new DataError(`${uri}: expected s3://bucket/key`);
  const [bucket, key] = [found[1]!, found[2]!];
  const session = await openSession({ bucket, prefix: '' }, environment);
  const wanted = matcher(key);
  const folder = isPattern(key) ? fixedFolder(key) : key.slice(0, key.lastIndexOf('/') + 1);
  const files: SourceFile[] = [];
  const others: string[] = [];
  for await (const object of listBucket(session, isPattern(key) ? folder : key)) {
    if (object.key === key || (isPattern(key) && wanted.test(object.key))) {
      files.push(sourceFile(session, object, scratchDirectory));
    } else others.push(object.key);
  }
  if (files.length > 0) return files;
  const near = others.length > 0 ? `; there is: ${shorten(others)}` : '';
  throw new DataError(`${uri}: no object matches below s3://${bucket}/${folder}${near}`);
}

interface Listed {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

async function* listBucket(session: S3Session, prefix: string): AsyncIterable<Listed> {
  let token: string | undefined;
  do {
    const command = new session.sdk.ListObjectsV2Command({
      Bucket: session.bucket,
      Prefix: prefix,
      ContinuationToken: token,
    });
    const page = await session.client.send(command).catch((error: unknown) => {
      throw explainS3Error(error, `listing ${prefix}`, session.description);
    });
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      if (!Key.endsWith('/'))
        yield { key: Key, sizeBytes: Size, etag: ETag, modifiedAtMs: Number(LastModified) };
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function sourceFile(session: S3Session, object: Listed, scratchDirectory: string): SourceFile {
  const uri = `s3://${session.bucket}/${object.key}`;
  async function* open(): AsyncIterable<Uint8Array> {
    try {
      yield* readObject(session, object.key);
    } catch (error) {
      throw explainS3Error(error, `reading ${uri}`, session.description);
    }
  }
  const localPath = async (): Promise<string> => {
    const name = createHash('sha256').update(`${uri} ${object.etag}`).digest('hex');
    const path = join(scratchDirectory, name);
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
    await mkdir(scratchDirectory, { recursive: true });
    const aside = `${path}.${randomUUID()}.tmp`;
    try {
      await pipeline(open(), createWriteStream(aside));
      await rename(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
    return path;
  };
  const stamp = [uri, object.etag, object.sizeBytes, object.modifiedAtMs].join(' ');
  return { uri, sizeBytes: object.sizeBytes, stamp, open, localPath };
}
