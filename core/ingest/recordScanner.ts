import { concat } from './bytes.js';
import { checkHeader, sortRagged, takeRecords, type Taken } from './delimited.js';
import { toLines, type Line } from './lines.js';
import type { RecordBlock, SourceRecord, UnreadableRecord } from './source.js';
import { MAX_CELL_LENGTH } from './source.js';
import type { LineRegion } from './cutLines.js';

/** Some consecutive records, as bytes. */
export interface ScannedBlock {
  readonly header: readonly string[];
  /** The good records as CSV that any reader takes the same way: RFC 4180, "\n", no lone "\r", an empty cell is missing. */
  readonly pieces: readonly Uint8Array[];
  readonly records: number;
  /** Where line numbers jump: record `record` of the block stands at `line`, those after it a line further each. */
  readonly runs: readonly { readonly record: number; readonly line: number }[];
  readonly unreadable: readonly UnreadableRecord[];
}

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
/** What the byte loop says of records that it leaves to the reader of lines. */
const IRREGULAR = -1;
const FIRST_WINDOW = 64;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the same records as parseDelimited, without making strings of them: what a loop over bytes finds in order is passed
 * on as it is, all else goes through the reader of lines and is written anew.
 *
 * @throws DataError when there is no header, or a name in it is empty or twice there
 */
export class RecordScanner {
  #header: readonly string[] | undefined;
  #rest: Uint8Array = new Uint8Array();
  /** Of over-long lines in `#rest`, by where they start. */
  #cuts = new Map<number, number>();
  #line = 1; // of where `#rest` starts
  #loop: RecordLoop | undefined; // once the header is known

  constructor(
    readonly delimiter: ',' | '\t',
    readonly file: string,
  ) {}

  /** Takes further lines. `atEnd`: there are no more. */
  push(region: LineRegion, atEnd: boolean): ScannedBlock {
    const bytes = concat([this.#rest, region.bytes]);
    if (region.cutBytes > 0) this.#cuts.set(this.#rest.length, region.cutBytes);
    const block = new BlockBuilder(bytes);
    let at = 0;
    while (at < bytes.length) {
      const end = this.#loop?.end(bytes, at) ?? IRREGULAR;
      const isPlain = end !== IRREGULAR && this.#loop?.isBeyondAscii === false;
      if (isPlain || (end !== IRREGULAR && block.isText(at, end))) {
        at = block.pass(at, end, this.#line);
        this.#line++;
        continue;
      }
      const next = this.#takeLines(bytes, at, atEnd, block);
      if (next === at) break;
      at = next;
    }
    if (atEnd) this.#header ??= checkHeader(undefined, undefined, this.file);
    this.#rest = bytes.subarray(at);
    this.#cuts = new Map([...this.#cuts].flatMap(([start, cut]) => (start < at ? [] : [[start - at, cut]])));
    return block.build(this.#header ?? []);
  }

  /** Reads records from lines of text. @returns where it got to; `at` where it needs further lines */
  #takeLines(bytes: Uint8Array, at: number, atEnd: boolean, block: BlockBuilder): number {
    for (let window = FIRST_WINDOW; ; window *= 4) {
      const { lines, ends } = this.#decode(bytes, at, window);
      const isAll = ends.at(-1) === bytes.length;
      const taken = takeRecords(lines, atEnd && isAll, this.delimiter);
      const used = lines.length - taken.rest.length;
      if (used > 0) {
        this.#line += used;
        this.#keep(taken, block);
        return ends[used - 1]!;
      }
      if (isAll) return at;
    }
  }

  #decode(bytes: Uint8Array, at: number, window: number): { lines: Line[]; ends: number[] } {
    const lines: Line[] = [];
    const ends: number[] = [];
    let start = at;
    let from = at; // of what is decoded at once: lines up to an over-long one
    const flush = (end: number, cut: number): void => {
      if (from < end)
        lines.push(
          ...toLines(bytes.subarray(from, end - 1), this.#line + lines.length, 'utf-8', cut, (line) => line),
        );
      from = end;
    };
    while (ends.length < window && start < bytes.length) {
      const cut = this.#cuts.get(start);
      if (cut !== undefined) flush(start, 0);
      start = bytes.indexOf(NEWLINE, start) + 1;
      ends.push(start);
      if (cut !== undefined) flush(start, cut);
    }
    flush(start, 0);
    return { lines, ends };
  }

  #keep({ records, unreadable }: Taken, block: BlockBuilder): void {
    let found = records;
    if (this.#header === undefined && (records.length > 0 || unreadable.length > 0)) {
      this.#header = checkHeader(records[0], unreadable[0], this.file);
      this.#loop = new RecordLoop(this.delimiter.charCodeAt(0), this.#header.length);
      found = records.slice(1);
    }
    if (this.#header !== undefined) block.take(sortRagged(this.#header, found, unreadable), this.delimiter);
  }
}

/** Records that were read as text, as bytes again. */
export function encodeBlock(read: RecordBlock): ScannedBlock {
  const block = new BlockBuilder(new Uint8Array());
  block.take(read, ',');
  return block.build(read.header);
}

class BlockBuilder {
  readonly #pieces: Uint8Array[] = [];
  readonly #runs: { record: number; line: number }[] = [];
  readonly #unreadable: UnreadableRecord[] = [];
  #records = 0;
  #nextLine = -1;
  #from = 0; // of the piece under way
  #to = 0;
  #isValid: boolean | undefined; // all bytes are UTF-8

  constructor(readonly bytes: Uint8Array) {}

  /** Whether the bytes are text that can be passed on. */
  isText(from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      if (this.bytes[i]! < 0x80) continue;
      return (this.#isValid ??= isUtf8(this.bytes)) || isUtf8(this.bytes.subarray(from, to));
    }
    return true;
  }

  /** Passes a record on as it is. @returns its end */
  pass(from: number, to: number, line: number): number {
    if (from !== this.#to) this.#flush(from);
    this.#to = to;
    this.#count(line);
    return to;
  }

  take({ header, records, unreadable }: RecordBlock, delimiter: string): void {
    this.#flush(this.#to);
    if (records.length > 0) {
      const text = records.map((record) => `${written(record, header.length, delimiter)}\n`).join('');
      this.#pieces.push(encoder.encode(text));
      for (const { line } of records) this.#count(line);
    }
    this.#unreadable.push(...unreadable);
  }

  build(header: readonly string[]): ScannedBlock {
    this.#flush(this.#to);
    const [pieces, records, runs, unreadable] = [this.#pieces, this.#records, this.#runs, this.#unreadable];
    return { header, pieces, records, runs, unreadable };
  }

  #count(line: number): void {
    if (line !== this.#nextLine) this.#runs.push({ record: this.#records, line });
    this.#nextLine = line + 1;
    this.#records++;
  }

  #flush(next: number): void {
    if (this.#to > this.#from) this.#pieces.push(this.bytes.subarray(this.#from, this.#to));
    this.#from = this.#to = next;
  }
}

/** Cells that are not there at the end of a record (JSONL learns of columns late) are missing. */
function written({ cells }: SourceRecord, columns: number, delimiter: string): string {
  const texts = Array.from({ length: columns }, (_, i) => {
    const cell = cells[i] ?? null;
    return cell === null ? '' : `"${cell.replaceAll('"', '""')}"`;
  });
  return columns === 1 && texts[0] === '' ? '""' : texts.join(delimiter);
}

/** What a byte is to the loop below: nearly all are TEXT. */
const TEXT = 0;
const BEYOND = 1; // ASCII
const BETWEEN = 2; // cells
const END = 3;
const QUOTED = 4;
const ODD = 5;

/** Finds records that have nothing unusual in them. */
class RecordLoop {
  readonly #kinds = new Uint8Array(256);
  /** Whether the record found last may hold what is not ASCII. */
  isBeyondAscii = false;

  constructor(
    delimiter: number,
    readonly columns: number,
  ) {
    this.#kinds.fill(BEYOND, 0x80);
    this.#kinds[delimiter] = BETWEEN;
    this.#kinds[NEWLINE] = END;
    this.#kinds[QUOTE] = QUOTED;
    this.#kinds[0] = this.#kinds[RETURN] = ODD;
  }

  /**
   * End of the record that starts at `at`, behind its "\n", where cells in quotes are whole, there is no other quote, no
   * NUL, no "\r", and as many cells as columns. Else IRREGULAR.
   */
  end(bytes: Uint8Array, at: number): number {
    const kinds = this.#kinds;
    const limit = Math.min(bytes.length, at + MAX_CELL_LENGTH);
    if (this.columns === 1 && isBlank(bytes[at]!)) return IRREGULAR;
    let cells = 1;
    let start = at; // of the cell
    this.isBeyondAscii = false;
    for (let i = at; i < limit; i++) {
      const kind = kinds[bytes[i]!]!;
      if (kind === TEXT) continue;
      if (kind === BETWEEN) {
        cells++;
        start = i + 1;
      } else if (kind === END) return cells === this.columns ? i + 1 : IRREGULAR;
      else if (kind === ODD) return IRREGULAR;
      else if (kind === QUOTED) {
        i = i === start ? closingQuote(bytes, i + 1, limit) : IRREGULAR;
        if (i === IRREGULAR || i + 1 >= limit) return IRREGULAR;
        const next = kinds[bytes[i + 1]!]!;
        if (next !== BETWEEN && next !== END) return IRREGULAR;
        this.isBeyondAscii = true; // what is in quotes was not looked at
      } else this.isBeyondAscii = true;
    }
    return IRREGULAR;
  }
}

/** @returns IRREGULAR where there is none, or the cell holds what is unusual: line ends included */
function closingQuote(bytes: Uint8Array, from: number, limit: number): number {
  for (let i = from; i < limit; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      if (bytes[i + 1] !== QUOTE) return i;
      i++;
    } else if (byte === 0 || byte === RETURN || byte === NEWLINE) return IRREGULAR;
  }
  return IRREGULAR;
}

/** The first byte of a line that may be blank, or of a letter beyond ASCII, which may be a blank one. */
const isBlank = (byte: number): boolean => byte <= 32 || byte >= 0x80;

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false; // the reader of lines finds out where
  }
}
