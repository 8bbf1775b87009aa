import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { ConfigError } from '../contracts/errors.js';
import { DAMAGED_ON_THE_WAY } from './s3Errors.js';

export interface S3Options {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  readonly region?: string;
  /** @default the chain of the AWS SDK: AWS_ACCESS_KEY_ID …, profile, container, instance */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Bucket in the path, not in the host name. @default S3_FORCE_PATH_STYLE, else true where there is an endpoint */
  readonly forcePathStyle?: boolean;
  /** Attempts of one request, and of one body. @default AWS_MAX_ATTEMPTS, else 4 */
  readonly maxAttempts?: number;
  /** Gives up an attempt when nothing arrived for so long. @default S3_IDLE_TIMEOUT_MS, else 30000 */
  readonly idleTimeoutMs?: number;
  /** Of a multipart upload; files up to this size go in one piece. @default 16 MiB */
  readonly partBytes?: number;
  /** How the server is to encrypt what is written. @default S3_SSE (`AES256`, `aws:kms`) and S3_SSE_KMS_KEY_ID */
  readonly encryption?: Encryption;
}

export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  readonly keyId?: string; // of KMS; without it, the bucket's own key
}

/** The field of an object's metadata that holds the hash of its bytes. */
export const SHA256_FIELD = 'sha256';

/** Everything that the S3 store works with. */
export interface S3Session {
  readonly sdk: typeof Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly description: string; // without credentials
  readonly maxAttempts: number;
  readonly idleTimeoutMs: number;
  readonly partBytes: number;
  readonly encryption: Encryption | undefined;
  keyOf(key: string): string;
}

/** Loads the SDK and makes a client; no request is sent yet. */
export async function openSession(options: S3Options, environment: NodeJS.ProcessEnv): Promise<S3Session> {
  // It would say in every worker's stderr that versions after the pinned one want a newer Node.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const endpoint = options.endpoint ?? environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  const { bucket, prefix } = options;
  const maxAttempts = options.maxAttempts ?? Number(environment['AWS_MAX_ATTEMPTS'] ?? 4);
  const idleTimeoutMs = options.idleTimeoutMs ?? Number(environment['S3_IDLE_TIMEOUT_MS'] ?? 30_000);
  const base = prefix === '' ? '' : `${prefix}/`;
  const client = new sdk.S3Client(clientConfig(options, environment, endpoint, maxAttempts, idleTimeoutMs));
  retryDamaged(client);
  return {
    sdk,
    client,
    bucket,
    description: `s3://${bucket}/${prefix}${endpoint === undefined ? '' : ` at ${new URL(endpoint).host}`}`,
    maxAttempts,
    idleTimeoutMs,
    partBytes: options.partBytes ?? 16 << 20,
    encryption: options.encryption ?? encryptionOf(environment),
    keyOf: (key) => `${base}${key}`,
  };
}

/** The SDK doesn't send again what the server got with another checksum. */
function retryDamaged(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error && DAMAGED_ON_THE_WAY.has(error.name)) {
          Object.assign(error, { $retryable: { throttling: false } });
        }
        throw error;
      }
    },
    // Within the SDK's loop of attempts.
    { name: 'retryDamaged', step: 'finalizeRequest', priority: 'low' },
  );
}

function encryptionOf(environment: NodeJS.ProcessEnv): Encryption | undefined {
  const algorithm = environment['S3_SSE'] || undefined;
  const keyId = environment['S3_SSE_KMS_KEY_ID'] || undefined;
  if (algorithm === undefined) return undefined;
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') {
    throw new ConfigError(`S3_SSE: expected AES256 or aws:kms, got ${algorithm}`);
  }
  return { algorithm, ...(keyId === undefined ? {} : { keyId }) };
}

function clientConfig(
  options: S3Options,
  environment: NodeJS.ProcessEnv,
  endpoint: string | undefined,
  maxAttempts: number,
  idleTimeoutMs: number,
): S3ClientConfig {
  // Compatible servers don't care for the region, but signing needs one.
  const region =
    options.region ??
    environment['AWS_REGION'] ??
    environment['AWS_DEFAULT_REGION'] ??
    (endpoint === undefined ? undefined : 'us-east-1');
  const pathStyle = environment['S3_FORCE_PATH_STYLE'];
  return {
    maxAttempts,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    forcePathStyle:
      options.forcePathStyle ?? (pathStyle === undefined ? endpoint !== undefined : pathStyle === 'true'),
    // Ranges have no checksum of their own: it is asked for where the whole object is read.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5000, socketTimeout: idleTimeoutMs },
  };
}
