import { cutLines, type CutOptions } from './cutLines.js';

/** A physical line without its end. With a `problem` it can't be part of a readable row. */
export interface Line {
  readonly text: string;
  readonly number: number; // 1-based
  readonly problem?: { readonly rule: string; readonly reason: string };
}

export interface LineOptions extends CutOptions {
  readonly encoding: 'utf-8' | 'latin1';
}

const NEWLINE = 10;

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
  let number = 1;
  for await (const { bytes, cutBytes } of cutLines(chunks, options)) {
    const lines = toLines(bytes.subarray(0, -1), number, options.encoding, cutBytes);
    number += lines.length;
    yield lines;
  }
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
