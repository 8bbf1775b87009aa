import { open, type FileHandle } from 'node:fs/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { sha256OfFile } from './hash.js';
import { SHA256_FIELD, type S3Session } from './s3Client.js';
import { checkEncrypted, encrypt } from './s3Encryption.js';

const MAX_PARTS = 10_000;
const CONCURRENT_PARTS = 4;

/** Uploads a file, in parts where it is large. What a failed upload had sent is thrown away. */
export async function uploadFile(
  session: S3Session,
  key: string,
  path: string,
): Promise<{ etag: string; sizeBytes: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const metadata = { [SHA256_FIELD]: await sha256OfFile(path) };
    if (size > session.partBytes)
      return { etag: await uploadParts(session, key, file, size, metadata), sizeBytes: size };
    const answer = await session.client.send(
      new session.sdk.PutObjectCommand({
        Bucket: session.bucket,
        Key: session.keyOf(key),
        Body: await readAt(file, 0, size),
        Metadata: metadata,
        ...encrypt(session),
      }),
    );
    checkEncrypted(session, key, answer);
    return { etag: answer.ETag ?? '', sizeBytes: size };
  } finally {
    await file.close();
  }
}

async function uploadParts(
  session: S3Session,
  key: string,
  file: FileHandle,
  size: number,
  metadata: Record<string, string>,
): Promise<string> {
  const { sdk, client } = session;
  const target = { Bucket: session.bucket, Key: session.keyOf(key) };
  const written = { ChecksumAlgorithm: 'CRC32', Metadata: metadata, ...encrypt(session) } as const;
  const begun = await client.send(new sdk.CreateMultipartUploadCommand({ ...target, ...written }));
  const upload = { ...target, UploadId: begun.UploadId };
  try {
    checkEncrypted(session, key, begun);
    const parts = await sendParts(session, upload, file, size);
    const answer = await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }),
    );
    return answer.ETag ?? '';
  } catch (error) {
    // The first error is the one to tell; a server that is gone can't be asked to clean up either.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  session: S3Session,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  file: FileHandle,
  size: number,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(session.partBytes, Math.ceil(size / MAX_PARTS));
  const count = Math.ceil(size / partBytes);
  const parts: CompletedPart[] = [];
  let next = 0;
  const sendSome = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const body = await readAt(file, index * partBytes, Math.min(partBytes, size - index * partBytes));
      const answer = await session.client.send(
        new session.sdk.UploadPartCommand({
          ...upload,
          PartNumber: index + 1,
          Body: body,
          ChecksumAlgorithm: 'CRC32',
        }),
      );
      parts[index] = { PartNumber: index + 1, ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32 };
    }
  };
  // All must have ended before the upload may be aborted.
  const ends = await Promise.allSettled(Array.from({ length: CONCURRENT_PARTS }, sendSome));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return parts;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was uploaded');
    done += bytesRead;
  }
  return bytes;
}
