const DIGIT = 11; // bits a pass
const BUCKETS = 1 << DIGIT;
const QUICK = 2 * DIGIT; // bits that are sorted by at first
const SMALL = 64;
const PATIENCE = 8; // steps a value that mending may take

/** Memory of {@link argsort} for so many values, to sort again and again without allocating. */
export interface SortScratch {
  readonly keys: Uint32Array;
  readonly spare: Int32Array;
  readonly counts: Int32Array;
}

export const sortScratch = (most: number): SortScratch => ({
  keys: new Uint32Array(most),
  spare: new Int32Array(most),
  counts: new Int32Array(BUCKETS),
});

/**
 * Positions of the values in ascending order, NaN last; equal values (−0 and 0 too) stay in the order of their
 * positions. A radix sort over the 22 bits that matter most, then a pass that mends what the others decide; where that is
 * much, a radix sort over all bits.
 */
export function argsort(
  values: Float64Array,
  scratch: SortScratch = sortScratch(values.length),
  order: Int32Array = new Int32Array(values.length),
): Int32Array {
  const n = values.length;
  reset(order);
  if (n > SMALL) sortByHalf(values, UPPER, QUICK, order, scratch);
  if (mend(values, order, n > SMALL ? PATIENCE * n : Infinity)) return order;
  reset(order);
  sortByHalf(values, LOWER, 32, order, scratch);
  sortByHalf(values, UPPER, 32, order, scratch);
  return order;
}

function reset(order: Int32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
}

/** Insertion: linear where the order is nearly right. False where it gave up. */
function mend(values: Float64Array, order: Int32Array, patience: number): boolean {
  let steps = 0;
  for (let i = 1; i < order.length; i++) {
    const index = order[i]!;
    const value = values[index]!;
    let j = i - 1;
    while (j >= 0 && after(values[order[j]!]!, value)) {
      order[j + 1] = order[j]!;
      j--;
    }
    order[j + 1] = index;
    steps += i - 1 - j;
    if (steps > patience) return false;
  }
  return true;
}

const after = (a: number, b: number): boolean => a > b || (a !== a && b === b);

/** Which 32 bits of a double, little-endian. */
type Half = 0 | 1;
const [LOWER, UPPER] = [0, 1] as const;

/** Numbers of 32 bits that order as this half of the doubles does. Returns their range. */
function keysOf(values: Float64Array, half: Half, keys: Uint32Array): { lowest: number; highest: number } {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  let lowest = 0xffffffff;
  let highest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let key = words[2 * i + half]! ^ (words[2 * i + 1]! >> 31); // turned over where negative
    if (half === UPPER && words[2 * i + 1]! >= 0) key |= 0x80000000;
    if (value === 0) key = half === UPPER ? 0x80000000 : 0;
    if (value !== value) key = -1;
    key >>>= 0;
    keys[i] = key;
    if (key < lowest) lowest = key;
    if (key > highest) highest = key;
  }
  return { lowest, highest };
}

/** A stable sort by the half's bits, or by the `most` that matter of those in which the values differ. */
function sortByHalf(
  values: Float64Array,
  half: Half,
  most: number,
  order: Int32Array,
  scratch: SortScratch,
): void {
  const { keys, counts, spare } = scratch;
  const n = values.length;
  const { lowest, highest } = keysOf(values, half, keys);
  const bits = 32 - Math.clz32(highest - lowest);
  const dropped = Math.max(0, bits - most);
  const passes = Math.ceil((bits - dropped) / DIGIT);
  for (let i = 0; i < n; i++) keys[i] = (keys[i]! - lowest) >>> dropped;
  let [from, to] = [order, spare];
  for (let pass = 0; pass < passes; pass++) {
    const shift = pass * DIGIT;
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[(keys[i]! >>> shift) & (BUCKETS - 1)]!++;
    countsToStarts(counts);
    for (let i = 0; i < n; i++) {
      const index = from[i]!;
      to[counts[(keys[index]! >>> shift) & (BUCKETS - 1)]!++] = index;
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from.subarray(0, n));
}

function countsToStarts(counts: Int32Array): void {
  let place = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket]!;
    counts[bucket] = place;
    place += count;
  }
}
