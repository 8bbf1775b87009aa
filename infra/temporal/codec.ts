import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { ConfigError } from '../../contracts/errors.js';
import { codecKeys, type CodecKeys } from './codecKeys.js';

/** As Temporal's own samples call it, so that its UI shows such payloads as encrypted. */
const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * Encrypts every payload (arguments, results, memos, heartbeats, summaries, details) by AES-256-GCM before it leaves the
 * process. What is not encrypted is read as it is: Updates typed into Temporal's CLI or UI.
 */
export function encryptionCodec(keys: CodecKeys): PayloadCodec {
  const [current] = keys;
  if (!current) throw new RangeError('a codec needs a key');
  return {
    encode: (payloads) => Promise.resolve(payloads.map((payload) => encrypted(payload, current))),
    decode: async (payloads) => payloads.map((payload) => decrypted(payload, keys)),
  };
}

function encrypted(payload: Payload, { id, key }: CodecKeys[number]): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(Buffer.from(id));
  const body = Buffer.concat([cipher.update(serialised(payload)), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) },
    data: Buffer.concat([nonce, body, cipher.getAuthTag()]),
  };
}

function decrypted(payload: Payload, keys: CodecKeys): Payload {
  const word = (name: string): string => Buffer.from(payload.metadata?.[name] ?? []).toString();
  if (word('encoding') !== ENCODING) return payload;
  const id = word('encryption-key-id');
  const found = keys.find((one) => one.id === id);
  if (!found) {
    throw new ConfigError(
      `a payload is encrypted with key "${id}", which this process does not have: add it to ASSAY_CODEC_KEYS ` +
        `(here: ${keys.map((one) => one.id).join(', ')})`,
    );
  }
  const data = Buffer.from(payload.data ?? []);
  const body = data.subarray(NONCE_BYTES, -TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, found.key, data.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(id));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return parsed(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch (cause) {
    const message = `a payload does not open with key "${id}": it was altered, or another key has that name`;
    throw new ConfigError(message, { cause });
  }
}

/** Length of the metadata, metadata as JSON (values in base64), data. */
function serialised({ metadata, data }: Payload): Buffer {
  const words = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(words)));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, data ?? Buffer.alloc(0)]);
}

function parsed(bytes: Buffer): Payload {
  const end = LENGTH_BYTES + bytes.readUInt32BE(0);
  const words = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end)) as Record<string, string>;
  const metadata = Object.fromEntries(
    Object.entries(words).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  );
  return { metadata, data: bytes.subarray(end) };
}

/**
 * How clients and workers put what they send: encrypted, messages and stacks of failures too, where the environment has
 * keys. Undefined where it has none.
 */
export function dataConverter(environment: NodeJS.ProcessEnv): DataConverter | undefined {
  const keys = codecKeys(environment);
  return keys && { payloadCodecs: [encryptionCodec(keys)], failureConverterPath: failureConverterPath() };
}

/** A module that Temporal requires, and bundles with the workflows. */
export function failureConverterPath(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'cts' : 'cjs';
  return `${import.meta.dirname}/failureConverter.${ending}`;
}
