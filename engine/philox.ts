const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const MANTISSA_BITS = 23;

/** Upper 32 bits of the product of two unsigned 32-bit integers. */
function highProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16); // < 2^33: exact in a double
  const carried = (middle % 0x10000) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000)) >>> 0;
}

/** Philox 4×32-10: four random words of a counter (4 words) and a key (2 words), into `out`. */
function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = highProduct(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c1 = low1 >>> 0;
    c3 = low0 >>> 0;
    key0 = (key0 + WEYL_0) >>> 0;
    key1 = (key1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * Uniform numbers in [0, 1): the very bits of TensorFlow's StatelessRandomUniform, so that dropout does not depend on
 * the backend.
 *
 * @source Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; key and counter as in TensorFlow's
 * stateless_random_ops.cc (GenerateKey), numbers as in random_distributions.h (Uint32ToFloat)
 */
export function statelessUniform(size: number, seed0: number, seed1: number): Float32Array {
  const words = new Uint32Array(4);
  // A negative seed is sign-extended to 64 bits.
  const counter = Uint32Array.of(seed0, seed0 < 0 ? 0xffffffff : 0, seed1, seed1 < 0 ? 0xffffffff : 0);
  philox(counter, 0x3ec8f720, 0x02461e29, words);
  const [key0, key1] = [words[0]!, words[1]!];
  counter.set([0, 0, words[2]!, words[3]!]);
  const values = new Float32Array(size);
  for (let at = 0; at < size; at += words.length) {
    philox(counter, key0, key1, words);
    for (let k = 0; k < words.length && at + k < size; k++) {
      values[at + k] = (words[k]! & ((1 << MANTISSA_BITS) - 1)) / 2 ** MANTISSA_BITS;
    }
    for (let k = 0; k < counter.length; k++) {
      counter[k] = counter[k]! + 1;
      if (counter[k] !== 0) break; // no carry
    }
  }
  return values;
}
