import { DataError } from '../../contracts/errors.js';
import { concat } from './bytes.js';

export interface CutOptions {
  /** Names the file in errors. */
  readonly file: string;
  /** Longest line that is kept whole. @default 16 MiB */
  readonly maxLineBytes?: number;
}

/** Bytes of whole lines, each with its "\n". */
export interface LineRegion {
  readonly bytes: Uint8Array;
  /** Of an over-long line, left out; then the region is that line alone. */
  readonly cutBytes: number;
}

const NEWLINE = 10;
const BYTE_ORDER_MARK_BYTES = 3;
const DEFAULT_MAX_LINE_BYTES = 16 * 2 ** 20;

/**
 * Cuts bytes where lines end. Holds one chunk and one line at a time.
 *
 * @param recode what becomes of a chunk before it is cut
 * @throws DataError when the file is UTF-16
 */
export async function* cutLines(
  chunks: AsyncIterable<Uint8Array>,
  { file, maxLineBytes = DEFAULT_MAX_LINE_BYTES }: CutOptions,
  recode: (chunk: Uint8Array) => Uint8Array = (chunk) => chunk,
): AsyncGenerator<LineRegion> {
  let pending: Uint8Array[] = []; // of the line that is not complete yet
  let pendingBytes = 0;
  let cutBytes = 0;
  const close = (end: Uint8Array): LineRegion => {
    const region = { bytes: concat([...pending, end]), cutBytes };
    pending = [];
    pendingBytes = cutBytes = 0;
    return region;
  };
  let first = true;
  for await (const chunk of withWholeStart(chunks)) {
    const bytes = recode(first ? withoutByteOrderMark(chunk, file) : chunk);
    first = false;
    let start = 0;
    if (cutBytes > 0) {
      // Inside an over-long line: only its end matters.
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

/** The first piece has room for a byte order mark, however small the pieces. */
async function* withWholeStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (start === undefined) yield chunk;
    else {
      start = concat([start, chunk]);
      if (start.length < BYTE_ORDER_MARK_BYTES) continue;
      yield start;
      start = undefined;
    }
  }
  if (start !== undefined && start.length > 0) yield start;
}

/** @throws DataError when the file is UTF-16 */
function withoutByteOrderMark(chunk: Uint8Array, file: string): Uint8Array {
  const [a, b, c] = chunk;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new DataError(
      `${file}: is in UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8) and run again`,
    );
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? chunk.subarray(3) : chunk;
}
