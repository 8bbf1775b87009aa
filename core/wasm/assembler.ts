/** WebAssembly functions assembled at run time: no dependency, no build step, and no relaxed instruction. */

/** Instructions that leave one value, or none. */
export type Code = readonly number[];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, ...value: Code[]): Code => [...value.flat(), 0x21, local];
export const i32 = (value: number): Code => [0x41, ...signedLeb(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const and = (a: Code, b: Code): Code => [...a, ...b, 0x71];
export const shiftLeft = (a: Code, bits: number): Code => [...a, ...i32(bits), 0x74];
export const less = (a: Code, b: Code): Code => [...a, ...b, 0x49];
export const lessOrEqual = (a: Code, b: Code): Code => [...a, ...b, 0x4d];
export const loadInt = (address: Code, offset = 0): Code => [...address, 0x28, 2, offset];
export const loadSingle = (address: Code, offset = 0): Code => [...address, 0x2a, 2, offset, 0xbb]; // as double
export const loadDouble = (address: Code): Code => [...address, 0x2b, 3, 0];
export const storeDouble = (address: Code, value: Code): Code => [...address, ...value, 0x39, 3, 0];
export const loadPair = (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, 3, offset];
export const storePair = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  0xfd,
  0x0b,
  3,
  offset,
];
export const splat = (value: Code): Code => [...value, 0xfd, 0x14];
export const addPairs = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf0, 0x01];
export const mulPairs = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf2, 0x01];
export const addDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa0];
export const mulDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa2];
export const when = (condition: Code, ...body: Code[]): Code => [
  ...condition,
  0x04,
  0x40,
  ...body.flat(),
  0x0b,
];
export const loopWhile = (condition: Code, ...body: Code[]): Code => [
  0x02,
  0x40,
  0x03,
  0x40,
  ...condition,
  0x45,
  0x0d,
  1,
  ...body.flat(),
  0x0c,
  0,
  0x0b,
  0x0b,
];
export const fillZero = (address: Code, bytes: Code): Code => [
  ...address,
  ...i32(0),
  ...bytes,
  0xfc,
  0x0b,
  0,
];
export const ZERO: Code = [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
export const advance = (local: number, bytes: number): Code => set(local, add(get(local), i32(bytes)));

/**
 * Walks from a local's address to the end's, four items of so many bytes at once while there are four, then one by one.
 *
 * @param body of so many items; it advances the local itself
 */
export const inFours = (local: number, end: number, bytes: number, body: (items: number) => Code): Code => [
  ...loopWhile(lessOrEqual(add(get(local), i32(4 * bytes)), get(end)), body(4)),
  ...loopWhile(less(get(local), get(end)), body(1)),
];

export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const loadByte = (address: Code): Code => [...address, 0x2d, 0, 0];
export const storeInt = (address: Code, value: Code): Code => [...address, ...value, 0x36, 2, 0];
export const subtractPairs = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf1, 0x01];
/** Both lanes of a pair, added. */
export const sumOfPair = (pair: Code): Code => [...pair, 0xfd, 0x21, 0, ...pair, 0xfd, 0x21, 1, 0xa0];
export const ZERO_PAIR: Code = splat(ZERO);

/** A function of integers that returns nothing; locals come after the parameters: integers, doubles, pairs of doubles. */
export interface FunctionCode {
  readonly name: string;
  readonly parameters: number;
  readonly locals: { readonly integers: number; readonly doubles: number; readonly pairs: number };
  readonly body: Code;
}

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function signedLeb(value: number): number[] {
  const isLast = value >= -64 && value < 64;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)];
}

const vector = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
const name = (text: string): Code => [...leb(text.length), ...Array.from(text, (c) => c.charCodeAt(0))];

const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];

/** A module that exports the functions and imports `host.memory`. */
export function assemble(functions: readonly FunctionCode[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [I32])),
    0,
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const declared = [
      [...leb(locals.integers), I32],
      [...leb(locals.doubles), F64],
      [...leb(locals.pairs), V128],
    ];
    const code = [...vector(declared), ...body, 0x0b];
    return [...leb(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...name('host'), ...name('memory'), 0x02, 0x00, 0x00]])),
    ...section(3, vector(functions.map((_, i) => [i]))),
    ...section(7, vector(functions.map((each, i) => [...name(each.name), 0x00, i]))),
    ...section(10, vector(bodies)),
  ]);
}
