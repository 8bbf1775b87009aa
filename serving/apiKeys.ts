import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../contracts/errors.js';

const SHORTEST = 16;

/** Who may ask. */
export interface ApiKeys {
  readonly count: number;
  /** A name for the key that tells nothing of it; undefined where it is none of ours. */
  client(given: string | undefined): string | undefined;
}

/**
 * Keys from the environment and from a file, one a line; `#` begins a comment.
 *
 * @throws ConfigError for a key that could be guessed
 */
export function apiKeys(environment: string | undefined, file: string | undefined): ApiKeys {
  const listed = (file ?? '').split('\n').map((line) => line.replace(/#.*$/, ''));
  const keys = [...(environment ?? '').split(','), ...listed]
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const short = keys.findIndex((key) => key.length < SHORTEST);
  if (short >= 0) {
    throw new ConfigError(
      `API key ${short + 1} has ${keys[short]!.length} characters; at least ${SHORTEST} are needed`,
    );
  }
  const digests = keys.map(digest);
  return {
    count: keys.length,
    client(given) {
      if (given === undefined) return undefined;
      const asked = digest(given);
      // All are compared, so that time does not tell which one came close.
      const hits = digests.filter((known) => timingSafeEqual(known, asked));
      return hits.length > 0 ? `key ${asked.toString('hex').slice(0, 8)}` : undefined;
    },
  };
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The key of a request: `Authorization: Bearer KEY`, or `X-Api-Key: KEY`. */
export function keyOf(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(String(headers['authorization'] ?? ''))?.[1];
  const own = headers['x-api-key'];
  return bearer ?? (typeof own === 'string' ? own : undefined);
}
