/** Lets so many requests a second through for each client, and as many at once. */
export interface RateLimit {
  /** @returns 0 where the request may pass, else the seconds after which the next one may */
  take(client: string, nowMs: number): number;
}

const MOST_CLIENTS = 10_000;

/**
 * A bucket of tokens for each client, filled evenly.
 *
 * @param perSecond 0: no limit
 */
export function rateLimit(perSecond: number): RateLimit {
  if (perSecond === 0) return { take: () => 0 };
  const size = Math.max(1, perSecond);
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(client, nowMs) {
      const bucket = buckets.get(client) ?? { tokens: size, atMs: nowMs };
      bucket.tokens = Math.min(size, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = nowMs;
      // The least recently seen client goes first; it comes back with a full bucket, and had one by then.
      buckets.delete(client);
      buckets.set(client, bucket);
      if (buckets.size > MOST_CLIENTS) buckets.delete(buckets.keys().next().value!);
      if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
      bucket.tokens -= 1;
      return 0;
    },
  };
}
