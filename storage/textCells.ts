import type { DuckDBVector } from '@duckdb/node-api';

/** How the database lays out a text in a vector: its length, then its bytes where they are few, else where they are. */
const CELL_BYTES = 16;
const TEXT_AT = 4;
const MOST_BYTES = 12;

const MARK = '\ufeff';

/**
 * A vector of texts. Most ids and names are short, and nothing but ASCII: those are read where they lie, since the library's
 * own reading takes five times as long. It also drops a byte order mark that a text begins with.
 */
export class TextCells {
  readonly bytes: Buffer; // none where the library keeps texts otherwise
  private readonly valid: Uint8Array | undefined; // a bit a row; undefined: all are there

  constructor(private readonly vector: DuckDBVector) {
    // Not said in the library's types: looked at, never relied on.
    const { dataView, validity } = vector as { dataView?: unknown; validity?: { data?: unknown } };
    const bits = validity?.data;
    const isKnown =
      dataView instanceof DataView &&
      dataView.byteLength === CELL_BYTES * vector.itemCount &&
      (bits === null || bits instanceof BigUint64Array);
    this.bytes = isKnown
      ? Buffer.from(dataView.buffer as ArrayBuffer, dataView.byteOffset, dataView.byteLength)
      : Buffer.alloc(0);
    if (bits instanceof BigUint64Array)
      this.valid = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
  }

  text(row: number): string | null {
    const end = this.end(row);
    if (end >= 0) return this.bytes.toString('latin1', this.start(row), end);
    const text = this.vector.getItem(row) as string | null; // of a vector of texts
    return text !== null && this.isMarked(row) ? MARK + text : text;
  }

  /** Where the text of a row starts in `bytes`. */
  start(row: number): number {
    return row * CELL_BYTES + TEXT_AT;
  }

  /** Where it ends; -1 where it is missing, long, or not in ASCII. */
  end(row: number): number {
    const { bytes, valid } = this;
    if (bytes.length === 0 || (valid && ((valid[row >> 3]! >> (row & 7)) & 1) === 0)) return -1;
    const at = row * CELL_BYTES;
    const length = bytes[at]!;
    if (length > MOST_BYTES || (bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]!) !== 0) return -1;
    const start = at + TEXT_AT;
    for (let i = start; i < start + length; i++) if (bytes[i]! >= 0x80) return -1;
    return start + length;
  }

  /** Of long texts, the first four bytes lie here, too. */
  private isMarked(row: number): boolean {
    const at = this.start(row);
    return this.bytes[at] === 0xef && this.bytes[at + 1] === 0xbb && this.bytes[at + 2] === 0xbf;
  }
}

/** All texts of a vector; missing ones are null. */
export function textsOf(vector: DuckDBVector): (string | null)[] {
  const cells = new TextCells(vector);
  return Array.from({ length: vector.itemCount }, (_, row) => cells.text(row));
}
