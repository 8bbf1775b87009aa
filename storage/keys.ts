import { StoreError } from '../contracts/errors.js';

const SEGMENT = /^[a-z0-9_-][a-z0-9_.-]*$/;
const MAX_KEY_LENGTH = 512;
const MAX_SEGMENT_LENGTH = 200;

/**
 * Refuses a key that could leave the store's root or that some store could not hold.
 * Segments don't begin with a dot: those names are the store's own.
 *
 * @throws StoreError
 */
export function checkKey(key: string): string {
  const segments = key.split('/');
  const good = segments.every((segment) => SEGMENT.test(segment) && segment.length <= MAX_SEGMENT_LENGTH);
  if (!good || key.length > MAX_KEY_LENGTH) {
    throw new StoreError(
      `store key ${JSON.stringify(key.slice(0, 200))}: expected segments of [a-z0-9_.-] that don't begin with a dot, ` +
        `with "/" between them, at most ${String(MAX_KEY_LENGTH)} characters`,
    );
  }
  return key;
}

/** A prefix is the beginning of a key: it may be empty, and end anywhere. */
export function checkPrefix(prefix: string): string {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
  return prefix;
}
