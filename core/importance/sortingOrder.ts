/** Longest array that the vector sort orders with one network. */
const LARGEST_NETWORK = 64;

/**
 * Positions of the values from the smallest up, as numpy's `argsort` gives them on processors with AVX-512: up to 64
 * values go through a bitonic network, which leaves equal values in an order of its own; more are in order of position.
 * Results that cut a list of equal values (cleanlab's) can only be reproduced with it.
 *
 * @param values without NaN
 * @source Batcher, Sorting networks and their applications, AFIPS 1968; checked against numpy 1.26.4 (x86-simd-sort)
 */
export function sortingOrder(values: Float64Array): Int32Array {
  if (values.length > LARGEST_NETWORK) {
    return Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  }
  let size = 8;
  while (size < values.length) size *= 2;
  const keys = new Float64Array(size).fill(Infinity);
  keys.set(values);
  const order = Int32Array.from(keys.keys());
  for (let block = 2; block <= size; block *= 2) {
    for (let i = 0; i < size; i++) {
      const mirror = i ^ (block - 1);
      if (i < mirror) exchange(keys, order, i, mirror);
    }
    for (let distance = block / 4; distance >= 1; distance /= 2) {
      for (let i = 0; i < size; i++) if ((i & distance) === 0) exchange(keys, order, i, i + distance);
    }
  }
  return order.filter((place) => place < values.length);
}

/** Equal keys stay where they are. */
function exchange(keys: Float64Array, order: Int32Array, low: number, high: number): void {
  if (!(keys[high]! < keys[low]!)) return;
  const key = keys[low]!;
  keys[low] = keys[high]!;
  keys[high] = key;
  const place = order[low]!;
  order[low] = order[high]!;
  order[high] = place;
}

/**
 * Marks the positions of the `count` smallest values: the first of {@link sortingOrder}, without ordering the rest.
 *
 * @param mark is given each of the positions, in any order
 */
export function forEachSmallest(values: Float64Array, count: number, mark: (position: number) => void): void {
  const wanted = Math.min(count, values.length);
  if (wanted < 1) return;
  if (values.length <= LARGEST_NETWORK) {
    sortingOrder(values).subarray(0, wanted).forEach(mark);
    return;
  }
  if (wanted * 8 <= values.length) {
    smallestByHeap(values, wanted).forEach(mark);
    return;
  }
  const threshold = nthSmallest(values.slice(), wanted - 1);
  let equal = wanted;
  for (let i = 0; i < values.length; i++) if (values[i]! < threshold) equal--;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < threshold || (values[i] === threshold && equal-- > 0)) mark(i);
  }
}

/** Positions of the smallest values, of equals the first, in no order: one pass over a heap of the best so far. */
function smallestByHeap(values: Float64Array, count: number): Int32Array {
  const heap = new Int32Array(count); // positions, the largest value on top
  for (let i = 1; i < count; i++) heap[i] = i;
  for (let root = (count >> 1) - 1; root >= 0; root--) sink(heap, root, values);
  let worst = values[heap[0]!]!;
  for (let i = count; i < values.length; i++) {
    if (!(values[i]! < worst)) continue;
    heap[0] = i;
    sink(heap, 0, values);
    worst = values[heap[0]]!;
  }
  return heap;
}

/** Lets the position at `root` sink below those of larger values; of equals the later is larger. */
function sink(heap: Int32Array, root: number, values: Float64Array): void {
  const moving = heap[root]!;
  const value = values[moving]!;
  let at = root;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    let held = heap[child]!;
    let best = values[held]!;
    if (child + 1 < heap.length) {
      const other = heap[child + 1]!;
      const rival = values[other]!;
      if (rival > best || (rival === best && other > held)) {
        child++;
        held = other;
        best = rival;
      }
    }
    if (best < value || (best === value && held < moving)) break;
    heap[at] = held;
    at = child;
  }
  heap[at] = moving;
}

/** The value that would be at that position in sorted order; reorders the array (Hoare's quickselect). */
function nthSmallest(values: Float64Array, position: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i++] = values[j]!;
      values[j--] = held;
    }
    if (position <= j) right = j;
    else if (position >= i) left = i;
    else break;
  }
  return values[position]!;
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
