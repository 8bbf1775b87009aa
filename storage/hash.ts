import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Sha256 } from '../contracts/artifact.js';

const CHUNK_BYTES = 1 << 20;

/** Of bytes in memory, or of a text's UTF-8. */
export function sha256(content: Uint8Array | string): Sha256 {
  return createHash('sha256').update(content).digest('hex');
}

/** Of a file's bytes. @throws the file system's own error */
export async function sha256OfFile(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const chunk = Buffer.allocUnsafe(Math.min(size + 1, CHUNK_BYTES));
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * JSON with sorted keys and no spaces: equal values give equal text. Members that are undefined are left out.
 *
 * @throws RangeError for what JSON can't hold (NaN, Infinity, BigInt, functions)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  const representable =
    value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  if (!representable) throw new RangeError(`canonical JSON can't hold ${String(value)} (${typeof value})`);
  return JSON.stringify(value);
}
