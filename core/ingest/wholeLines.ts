import { cutLines, type LineRegion } from './cutLines.js';
import { latin1, type LineOptions } from './lines.js';

const NEWLINE = 10;
const RETURN = 13;
const encoder = new TextEncoder();

/**
 * Cuts bytes where lines end, as decodeLines does, but leaves them bytes: in UTF-8, and without "\r" before "\n".
 *
 * @throws DataError when the file is UTF-16
 */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions,
): AsyncGenerator<LineRegion> {
  const recode = (raw: Uint8Array): Uint8Array => encoder.encode(latin1(raw));
  const regions = cutLines(chunks, options, options.encoding === 'latin1' ? recode : undefined);
  for await (const { bytes, cutBytes } of regions) yield { bytes: withoutReturns(bytes), cutBytes };
}

/** Each "\r\n" as "\n". */
function withoutReturns(bytes: Uint8Array): Uint8Array {
  let to = bytes.indexOf(RETURN);
  if (to < 0) return bytes;
  const whole = new Uint8Array(bytes); // a Buffer's slice would be the same memory
  for (let from = to; from < bytes.length; from++) {
    if (bytes[from] !== RETURN || bytes[from + 1] !== NEWLINE) whole[to++] = bytes[from]!;
  }
  return whole.subarray(0, to);
}
