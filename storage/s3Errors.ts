import { PlatformError, StoreError, StoreUnavailableError } from '../contracts/errors.js';
import { explainFileError } from './fileErrors.js';

interface ServiceError extends Error {
  readonly code?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
    readonly clockSkewCorrected?: boolean; // the SDK saw that the clocks differ, and minds it from now on
  };
}

const LOCAL_FILE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE']);

/** Names of errors that say that the server got other bytes than were sent. */
export const DAMAGED_ON_THE_WAY = new Set([
  'BadDigest',
  'InvalidDigest',
  'IncompleteBody',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
]);

/** HTTP status of a refusal by the server; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as ServiceError).$metadata?.httpStatusCode : undefined;
}

/** How often the SDK had sent the request that was refused in the end. */
export function attemptsOf(error: unknown): number {
  return error instanceof Error ? ((error as ServiceError).$metadata?.attempts ?? 1) : 1;
}

/** Says of an error of the SDK what it means for the store, and what to do. */
export function explainS3Error(error: unknown, doing: string, description: string): unknown {
  if (error instanceof PlatformError || !(error instanceof Error)) return error;
  const { name, message, code } = error as ServiceError;
  const status = statusOf(error);
  const cause = { cause: error };
  const where = `${doing} in ${description}`;
  if (code !== undefined && LOCAL_FILE.has(code)) return explainFileError(error, doing, 'this machine');
  if (name === 'NoSuchBucket') {
    return new StoreError(`${where}: there is no such bucket; make it, or mend ASSAY_STORE`, cause);
  }
  if (name === 'RequestTimeTooSkewed' || (error as ServiceError).$metadata?.clockSkewCorrected === true) {
    return new StoreUnavailableError(
      `${where}: this machine's clock and the server's differ (${name}); set it right (NTP), then retry`,
      cause,
    );
  }
  // versitygw answers an unknown access key with 404.
  if (status === 401 || status === 403 || name === 'XAdminUserNotFound') {
    return new StoreError(
      `${where}: refused (${name}); check the credentials and that they may list, read, write and delete there`,
      cause,
    );
  }
  if (status === 404) {
    return new StoreError(
      `${where}: no such object; it was deleted, or this is another store than it was written to`,
      cause,
    );
  }
  if (name === 'CredentialsProviderError') {
    return new StoreError(
      `${where}: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (${message})`,
      cause,
    );
  }
  if (name === 'ObjectParentIsFile' || name === 'ExistingObjectIsDirectory') {
    return new StoreError(`${where}: no key may be a folder of another one (${name})`, cause);
  }
  if (DAMAGED_ON_THE_WAY.has(name)) {
    return new StoreUnavailableError(`${where}: the bytes were damaged on their way (${name}); retry`, cause);
  }
  if (status !== undefined && status < 500 && ![408, 409, 429].includes(status) && status >= 300) {
    return new StoreError(
      `${where}: the server refused it (HTTP ${String(status)} ${name}: ${message})`,
      cause,
    );
  }
  const answer = status === undefined ? (code ?? name) : `HTTP ${String(status)} ${name}`;
  return new StoreUnavailableError(
    `${where}: no usable answer (${answer}: ${message}); check that the server runs and AWS_ENDPOINT_URL_S3 is right, then retry`,
    cause,
  );
}
