import { mix32 } from '../random.js';

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const scrambled = (block: number): number => Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

/**
 * MurmurHash3 (x86, 32 bits) of bytes[start, end), as a signed number.
 *
 * @source Austin Appleby, SMHasher
 */
export function murmur3(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let hash = seed;
  let at = start;
  for (; at + 3 < end; at += 4) {
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = (Math.imul(rotated(hash ^ scrambled(block), 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let last = end - 1; last >= at; last--) tail = (tail << 8) | bytes[last]!;
  if (at < end) hash ^= scrambled(tail);
  return mix32(hash ^ (end - start)) | 0;
}
