import { clipText } from '../text/characters.js';
/** Why a cell isn't what its column needs. */
export interface BadValue {
  readonly reason: string;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A finite number, with a decimal point and without thousands separators. */
export function parseNumber(text: string): number | BadValue {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) {
    const infinite = /^[+-]?(nan|inf(inity)?)$/i.test(trimmed);
    return { reason: infinite ? `"${trimmed}" is not a finite number` : `${shown(text)} is not a number` };
  }
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : { reason: `${shown(text)} is too large for a number` };
}

/** A list of so many finite numbers, as JSON writes it; each as a float of 32 bits, which is what models take. */
export function parseVector(text: string, width: number): Float32Array | BadValue {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // JSON has no NaN; those who write it all the same are told so.
    const infinite = /[[,\s]-?"?(nan|inf(inity)?)\b/i.exec(text)?.[1];
    return {
      reason: infinite
        ? `the list holds ${infinite}, which is not a finite number`
        : `${shown(text)} is not a list of numbers`,
    };
  }
  if (!Array.isArray(list)) return { reason: `${shown(text)} is not a list of numbers` };
  if (list.length !== width) return { reason: `expected a list of ${width} numbers, got ${list.length}` };
  const wrong = list.findIndex((value) => typeof value !== 'number' || !Number.isFinite(Math.fround(value)));
  if (wrong < 0) return Float32Array.from(list as number[]);
  return {
    reason: `number ${wrong + 1} of the list is ${JSON.stringify(list[wrong])}, expected a finite number`,
  };
}

const EPOCH = /^-?\d{1,16}$/;
const ISO =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;
/** Beyond this, Date can't tell. */
const MAX_TIME_MS = 8.64e15;

/** ISO 8601 (without a zone: UTC) or epoch milliseconds, as epoch milliseconds. */
export function parseTime(text: string): number | BadValue {
  const trimmed = text.trim();
  if (EPOCH.test(trimmed) && Math.abs(Number(trimmed)) <= MAX_TIME_MS) return Number(trimmed);
  const match = ISO.exec(trimmed);
  if (match) {
    const hasClock = match[1] !== undefined;
    const zoned = hasClock && match[4] === undefined ? `${trimmed}Z` : trimmed;
    const time = Date.parse(zoned.replace(/^(.{10}) /, '$1T').replace(/\s/g, ''));
    if (Number.isFinite(time)) return time;
  }
  return { reason: `${shown(text)} is not a time (ISO 8601 or epoch milliseconds)` };
}

function shown(text: string): string {
  return JSON.stringify(clipText(text, 60));
}
