import { ConfigError } from '../contracts/errors.js';
import type { ObjectStore } from '../contracts/store.js';

export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
}

/** @throws ConfigError when it isn't `s3://bucket` or `s3://bucket/prefix` */
export function parseS3Uri(uri: string): S3Location {
  const found = /^s3:\/\/([a-z0-9.-]{3,63})(?:\/(.*))?$/.exec(uri);
  if (found === null) throw new ConfigError(`store ${uri}: expected s3://bucket/prefix`);
  return { bucket: found[1]!, prefix: (found[2] ?? '').replace(/\/+$/, '') };
}

/** Opens a bucket, or a prefix in it, as a store. */
export function openS3Store(location: S3Location): Promise<ObjectStore> {
  return Promise.reject(new ConfigError(`store s3://${location.bucket}: not available yet, use a folder`));
}
