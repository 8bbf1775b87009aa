import { StoreError } from '../../contracts/errors.js';
import type { ObjectStore, StoredObject } from '../../contracts/store.js';

/** Fake ObjectStore: objects in memory, without files. Etags are numbers that grow. */
export function memoryObjects(): ObjectStore {
  const held = new Map<string, { readonly body: Uint8Array; readonly head: StoredObject }>();
  let written = 0;
  const put = (key: string, body: Uint8Array): StoredObject => {
    written += 1;
    const head = { key, sizeBytes: body.length, etag: String(written), modifiedAtMs: written };
    held.set(key, { body: body.slice(), head });
    return head;
  };
  const files = (): never => {
    throw new Error('a store in memory has no files');
  };
  return {
    description: 'memory',
    async get(key, range) {
      const found = held.get(key);
      if (!found) throw new StoreError(`memory: there is no ${key}`);
      return Promise.resolve(range ? found.body.slice(range.start, range.end) : found.body);
    },
    head: (key) => Promise.resolve(held.get(key)?.head),
    put: (key, body) => Promise.resolve(put(key, body)),
    putIfAbsent: (key, body) => Promise.resolve(held.has(key) ? undefined : put(key, body)),
    putIfMatch: (key, body, etag) =>
      Promise.resolve(held.get(key)?.head.etag === etag ? put(key, body) : undefined),
    putFile: files,
    getFile: files,
    async *list(prefix) {
      await Promise.resolve();
      for (const key of [...held.keys()].sort()) if (key.startsWith(prefix)) yield held.get(key)!.head;
    },
    delete: (key) => Promise.resolve(void held.delete(key)),
  };
}
