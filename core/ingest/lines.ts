import { DataError } from '../../contracts/errors.js';
import { concat } from './bytes.js';

/** A physical line without its end. With a `problem` it can't be part of a readable row. */
export interface Line {
  readonly text: string;
  readonly number: number; // 1-based
  readonly problem?: { readonly rule: string; readonly reason: string };
}

export interface LineOptions {
  readonly encoding: 'utf-8' | 'latin1';
  /** Names the file in errors. */
  readonly file: string;
  /** Longest line that is kept whole. @default 16 MiB */
  readonly maxLineBytes?: number;
}

const NEWLINE = 10;
const BYTE_ORDER_MARK_BYTES = 3;
export const DEFAULT_MAX_LINE_BYTES = 16 * 2 ** 20;

/**
 * Cuts bytes into lines at "\n" and "\r\n" only (U+0085 and U+2028 belong to the text). Bytes that aren't valid
 * UTF-8, NUL characters and over-long lines make a line with a problem. Holds one chunk and one line at a time.
 *
 * @throws DataError when the file is UTF-16
 */
export async function* decodeLines(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions,
): AsyncGenerator<readonly Line[]> {
  const maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES;
  let pending: Uint8Array[] = []; // bytes of the line that is not complete yet
  let pendingBytes = 0;
  let cutBytes = 0; // of an over-long line, left out
  let number = 1;
  let first = true;
  const flush = (end: Uint8Array): Line[] => {
    const lines = toLines(concat([...pending, end]), number, options.encoding, cutBytes);
    pending = [];
    pendingBytes = cutBytes = 0;
    number += lines.length;
    return lines;
  };
  for await (const chunk of withWholeStart(chunks)) {
    const bytes = first ? withoutByteOrderMark(chunk, options.file) : chunk;
    first = false;
    let start = 0;
    if (cutBytes > 0) {
      // Inside an over-long line: only its end matters.
      start = bytes.indexOf(NEWLINE);
      cutBytes += start < 0 ? bytes.length : start;
      if (start < 0) continue;
      yield flush(new Uint8Array());
      start++;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= start) {
      yield flush(bytes.subarray(start, last));
      start = last + 1;
    }
    if (start < bytes.length) {
      pending.push(bytes.slice(start));
      pendingBytes += bytes.length - start;
      if (pendingBytes > maxLineBytes) {
        const all = concat(pending);
        cutBytes = all.length - maxLineBytes;
        pending = [all.subarray(0, maxLineBytes)];
      }
    }
  }
  if (pendingBytes > 0) yield flush(new Uint8Array());
}

/**
 * `bytes` hold one or more whole lines, the last one without its end, and without the last `cutBytes` of it.
 *
 * @param bare what is left of a line; where "\r\n" is "\n" already, a "\r" at its end belongs to the text
 */
export function toLines(
  bytes: Uint8Array,
  firstNumber: number,
  encoding: 'utf-8' | 'latin1',
  cutBytes: number,
  bare: (line: string) => string = withoutReturn,
): Line[] {
  const text = encoding === 'latin1' ? latin1(bytes) : strictUtf8(bytes);
  const lines =
    text === undefined
      ? splitBytes(bytes).map((line, i) => decodeLine(line, firstNumber + i, bare))
      : text.split('\n').map((line, i) => ({ text: bare(line), number: firstNumber + i }));
  const checked = text?.includes('\0') === false ? lines : lines.map(refuseNul);
  if (cutBytes === 0) return checked;
  const line = checked.pop()!;
  const reason = `the line is ${bytes.length + cutBytes} bytes long; the first ${bytes.length} are kept here`;
  return [...checked, { ...line, problem: { rule: 'too_long', reason } }];
}

function decodeLine(bytes: Uint8Array, number: number, bare: (line: string) => string): Line {
  const text = strictUtf8(bytes);
  if (text !== undefined) return { text: bare(text), number };
  const reason =
    'not valid UTF-8; if the file is in ISO-8859-1 or Windows-1252, set dataset.encoding: latin1';
  return { text: bare(escaped(bytes)), number, problem: { rule: 'encoding', reason } };
}

function refuseNul(line: Line): Line {
  if (!line.text.includes('\0')) return line;
  const reason = `a NUL character at column ${line.text.indexOf('\0') + 1}`;
  return { problem: { rule: 'nul', reason }, ...line, text: line.text.replaceAll('\0', '\\x00') };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // the caller finds the line
  }
}

/** ISO-8859-1 proper: byte = code point (the platform's "latin1" decoder is Windows-1252). */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/** Printable whatever the bytes, and reversible: every byte above ASCII as `\xHH`. */
function escaped(bytes: Uint8Array): string {
  return latin1(bytes).replace(
    /[\x80-\xff]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function splitBytes(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

/** The first piece has room for a byte order mark, however small the pieces. */
export async function* withWholeStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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
export function withoutByteOrderMark(chunk: Uint8Array, file: string): Uint8Array {
  const [a, b, c] = chunk;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new DataError(
      `${file}: is in UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8) and run again`,
    );
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? chunk.subarray(3) : chunk;
}
