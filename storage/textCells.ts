import type { DuckDBVector } from '@duckdb/node-api';

/** How the database lays out a text in a vector: its length, then its bytes where they are few, else where they are. */
const CELL_BYTES = 16;
const TEXT_AT = 4;
const MOST_BYTES = 12;

/**
 * The memory of a vector of texts. Most ids and names are short, and nothing but ASCII: those are read where they lie; the
 * library's own reading takes five times as long.
 */
export class TextCells {
  private constructor(
    readonly bytes: Buffer,
    private readonly valid: Uint8Array | undefined, // a bit a row
  ) {}

  /** Nothing where the library keeps texts otherwise. */
  static of(vector: DuckDBVector): TextCells | undefined {
    // Not said in the library's types: looked at, never relied on.
    const { dataView: view, validity } = vector as { dataView?: unknown; validity?: { data?: unknown } };
    if (!(view instanceof DataView) || view.byteLength !== CELL_BYTES * vector.itemCount) return undefined;
    const bytes = Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
    const bits = validity?.data;
    if (bits === null) return new TextCells(bytes, undefined);
    if (!(bits instanceof BigUint64Array)) return undefined;
    return new TextCells(bytes, new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength));
  }

  /** Where the text of a row starts in `bytes`, if it is a short one. */
  start(row: number): number {
    return row * CELL_BYTES + TEXT_AT;
  }

  /** Where it ends; -1 where it is missing, long, or not in ASCII. */
  end(row: number): number {
    const { bytes, valid } = this;
    if (valid && ((valid[row >> 3]! >> (row & 7)) & 1) === 0) return -1;
    const at = row * CELL_BYTES;
    const length = bytes[at]!;
    if (length > MOST_BYTES || (bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]!) !== 0) return -1;
    const start = at + TEXT_AT;
    for (let i = start; i < start + length; i++) if (bytes[i]! >= 0x80) return -1;
    return start + length;
  }
}

/** All texts of a vector; missing ones are null. */
export function textsOf(vector: DuckDBVector): (string | null)[] {
  const cells = TextCells.of(vector);
  return Array.from({ length: vector.itemCount }, (_, row) => {
    const end = cells ? cells.end(row) : -1;
    if (cells && end >= 0) return cells.bytes.toString('latin1', cells.start(row), end);
    return vector.getItem(row) as string | null; // of a column of texts
  });
}
