import { concat } from './bytes.js';
import {
  DEFAULT_MAX_LINE_BYTES,
  latin1,
  withoutByteOrderMark,
  withWholeStart,
  type LineOptions,
} from './lines.js';

/** Bytes of whole lines in UTF-8, each with its "\n" and without "\r" before it. */
export interface LineRegion {
  readonly bytes: Uint8Array;
  /** Of an over-long line, left out; then the region is that line alone. */
  readonly cutBytes: number;
}

const NEWLINE = 10;
const RETURN = 13;
const encoder = new TextEncoder();

/**
 * Cuts bytes where lines end, as decodeLines does, but leaves them bytes.
 *
 * @throws DataError when the file is UTF-16
 */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array>,
  { encoding, file, maxLineBytes = DEFAULT_MAX_LINE_BYTES }: LineOptions,
): AsyncGenerator<LineRegion> {
  let pending: Uint8Array[] = []; // of the line that is not complete yet
  let pendingBytes = 0;
  let cutBytes = 0;
  const close = (end: Uint8Array): LineRegion => {
    const region = { bytes: withoutReturns([...pending, end]), cutBytes };
    pending = [];
    pendingBytes = cutBytes = 0;
    return region;
  };
  let first = true;
  for await (const chunk of withWholeStart(chunks)) {
    const raw = first ? withoutByteOrderMark(chunk, file) : chunk;
    first = false;
    const bytes = encoding === 'latin1' ? encoder.encode(latin1(raw)) : raw;
    let start = 0;
    if (cutBytes > 0) {
      const end = bytes.indexOf(NEWLINE);
      cutBytes += end < 0 ? bytes.length : end;
      if (end < 0) continue;
      start = end + 1;
      yield close(Uint8Array.of(NEWLINE));
    }
    const last = bytes.lastIndexOf(NEWLINE) + 1;
    if (last > start) {
      yield close(bytes.subarray(start, last));
      start = last;
    }
    if (start >= bytes.length) continue;
    pending.push(bytes.slice(start));
    pendingBytes += bytes.length - start;
    if (pendingBytes > maxLineBytes) {
      const all = concat(pending);
      cutBytes = all.length - maxLineBytes;
      pending = [all.subarray(0, maxLineBytes)];
    }
  }
  if (pendingBytes > 0) yield close(Uint8Array.of(NEWLINE));
}

/** One piece of memory, each "\r\n" as "\n". */
function withoutReturns(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(parts);
  let to = bytes.indexOf(RETURN);
  if (to < 0) return bytes;
  const whole = bytes.slice();
  for (let from = to; from < bytes.length; from++) {
    if (bytes[from] !== RETURN || bytes[from + 1] !== NEWLINE) whole[to++] = bytes[from]!;
  }
  return whole.subarray(0, to);
}
