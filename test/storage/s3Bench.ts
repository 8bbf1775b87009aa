import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { MissingToolError } from '../../contracts/errors.js';
import { startS3Server, type S3Server } from '../../infra/s3/server.js';
import type { S3Options } from '../../storage/s3Client.js';

export interface S3Bench {
  readonly server: S3Server;
  /** Options of a store that is empty. */
  options(): S3Options;
}

/** A real S3 server with a bucket, until the tests of this file have ended; or why there is none. */
export async function startBench(): Promise<S3Bench | string> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'assay-s3-'));
  after(() => rm(dataDirectory, { recursive: true, force: true }));
  try {
    const server = await startS3Server({ dataDirectory, onProgress: (what) => console.error(what) });
    after(() => server.stop());
    const { endpoint, accessKeyId, secretAccessKey } = server;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'assay-test' }));
    client.destroy();
    const options = (): S3Options => ({
      bucket: 'assay-test',
      prefix: `p/${randomUUID()}`,
      endpoint,
      credentials,
      partBytes: 5 << 20,
    });
    return { server, options };
  } catch (error) {
    if (error instanceof MissingToolError) return error.message;
    throw error;
  }
}

/** The bench, or a skipped test that says why. */
export function availableBench(t: TestContext, bench: S3Bench | string): S3Bench | undefined {
  if (typeof bench !== 'string') return bench;
  t.skip(bench);
  return undefined;
}
