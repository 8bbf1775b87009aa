import { StoreError } from '../contracts/errors.js';
import type { S3Session } from './s3Client.js';

/** What a write asks of the server's encryption; nothing where none is set. */
export function encrypt({ encryption }: S3Session): {
  readonly ServerSideEncryption?: 'AES256' | 'aws:kms';
  readonly SSEKMSKeyId?: string;
} {
  if (encryption === undefined) return {};
  const { algorithm, keyId } = encryption;
  return { ServerSideEncryption: algorithm, ...(keyId === undefined ? {} : { SSEKMSKeyId: keyId }) };
}

/** @throws StoreError when encryption was asked for and the server did not do it: some ignore it silently */
export function checkEncrypted(
  { encryption, description }: S3Session,
  key: string,
  answer: { readonly ServerSideEncryption?: string | undefined },
): void {
  if (encryption === undefined || answer.ServerSideEncryption === encryption.algorithm) return;
  throw new StoreError(
    `writing ${key} in ${description}: S3_SSE asks for ${encryption.algorithm}, and the server answers with ` +
      `${answer.ServerSideEncryption ?? 'no encryption'}; set it up there, or unset S3_SSE and encrypt the disk`,
  );
}
