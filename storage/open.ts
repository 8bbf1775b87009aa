import { fileURLToPath } from 'node:url';
import { ConfigError, StoreError } from '../contracts/errors.js';
import type { ObjectStore } from '../contracts/store.js';
import { openFileStore } from './file.js';

const FORMAT_KEY = 'store.json';
/** Of the layout of keys. Another one is refused. */
const FORMAT_VERSION = 1;

/**
 * Opens the store that a URI names: `file:///…`, a path, or `s3://bucket/prefix` (endpoint and credentials from the
 * `AWS_*` variables). A new one is marked with the version of its format.
 *
 * @throws ConfigError for another scheme; StoreError when the store is of another version or can't do what we need
 */
export async function openStore(uri: string): Promise<ObjectStore> {
  const store = await openByScheme(uri);
  await checkFormat(store);
  return store;
}

const schemeOf = (uri: string): string | undefined =>
  /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase();

/** The folder of a store on this machine; undefined for one elsewhere. */
export function storeFolder(uri: string): string | undefined {
  const scheme = schemeOf(uri);
  if (scheme === undefined) return uri;
  return scheme === 'file' ? fileURLToPath(uri) : undefined;
}

async function openByScheme(uri: string): Promise<ObjectStore> {
  const folder = storeFolder(uri);
  if (folder !== undefined) return openFileStore(folder);
  const scheme = schemeOf(uri);
  if (scheme === 's3') {
    const { openS3Store, parseS3Uri } = await import('./s3.js');
    return openS3Store(parseS3Uri(uri));
  }
  throw new ConfigError(
    `store ${uri}: expected file:///folder, a path, or s3://bucket/prefix, got the scheme ${String(scheme)}`,
  );
}

async function checkFormat(store: ObjectStore): Promise<void> {
  const marker = JSON.stringify({ format: 'assay-store', version: FORMAT_VERSION });
  if ((await store.head(FORMAT_KEY)) === undefined) await store.putIfAbsent(FORMAT_KEY, Buffer.from(marker));
  const text = new TextDecoder().decode(await store.get(FORMAT_KEY));
  const found = versionOf(text);
  if (found === FORMAT_VERSION) return;
  throw new StoreError(
    `${store.description} has store format ${found === undefined ? 'unknown' : String(found)}, ` +
      `this Assay uses ${String(FORMAT_VERSION)}: use the Assay that made it, or another store (ASSAY_STORE)`,
  );
}

function versionOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}
