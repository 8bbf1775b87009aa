/** One row of a source as it was read. Cells stand in the order of the block's header; `null` is a missing value. */
export interface SourceRecord {
  readonly cells: readonly (string | null)[];
  /** 1-based line where the record starts (Parquet: row). */
  readonly line: number;
  /** Why it can't become a row, where that is known before its cells are looked at. */
  readonly refusal?: Refusal;
}

/** Why a record can't become a row. */
export interface Refusal {
  readonly rule: string;
  readonly reason: string;
}

/** Something in a source that can't be read as a row. Nothing of it is lost. */
export interface UnreadableRecord {
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
  /** The record as it stands in the file; bytes that aren't text as `\xHH`. */
  readonly record: string;
}

/** Some consecutive rows. A reader may lengthen `header` from block to block (JSONL), but never reorders it. */
export interface RecordBlock {
  readonly header: readonly string[];
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** Longest cell that is taken as data, in UTF-16 units. */
export const MAX_CELL_LENGTH = 1 << 20;
