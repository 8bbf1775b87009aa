/** A reproducible stream of random numbers. Every function that needs chance takes one of these. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Shuffles in place (Fisher–Yates). */
  shuffle<T extends { length: number; [index: number]: number }>(values: T): T;
  /** Standard normal (Box–Muller). */
  normal(): number;
}

/** FNV-1a over the UTF-16 code units, 32 bits. For seeding and for hash splits, not for content. */
export function hash32(text: string, seed = 0): number {
  return mix32(fnv(0x811c9dc5 ^ seed, text));
}

/** `hash32(prefix + text, seed)` of many texts: as strings, or as bytes where they are ASCII. */
export function prefixedHash32(prefix: string, seed: number) {
  const before = fnv(0x811c9dc5 ^ seed, prefix);
  return {
    ofText: (text: string): number => mix32(fnv(before, text)),
    ofAscii: (bytes: Uint8Array, start: number, end: number): number => {
      let hash = before;
      for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
      return mix32(hash);
    },
  };
}

const FNV_PRIME = 0x01000193;

function fnv(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Finaliser of MurmurHash3: every input bit changes every output bit with probability near a half. */
export function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Seeded generator; `path` names the use, so that two uses of one seed are independent streams.
 *
 * @source O'Neill-style small state: sfc32 (Chris Doty-Humphrey, PractRand)
 */
export function seeded(seed: number, path = ''): Random {
  let a = hash32(path, seed);
  let b = mix32(seed ^ 0x9e3779b9);
  let c = hash32(path, ~seed);
  let counter = 1;
  const next32 = (): number => {
    const t = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + t) >>> 0;
    return t;
  };
  for (let i = 0; i < 12; i++) next32();
  const next = (): number => (next32() * 0x200000 + (next32() >>> 11)) / 2 ** 53;
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const held = values[i]!;
        values[i] = values[j]!;
        values[j] = held;
      }
      return values;
    },
  };
}
