import { DataError } from '../../contracts/errors.js';
import type { Line } from './lines.js';
import { MAX_CELL_LENGTH, type RecordBlock, type SourceRecord, type UnreadableRecord } from './source.js';

export interface DelimitedOptions {
  readonly delimiter: ',' | '\t';
  /** Names the file in errors. */
  readonly file: string;
}

/** Lines that a quoted cell may span before its quote counts as unclosed. */
const MAX_RECORD_LINES = 10_000;

/** What stands at the start of some lines: a record, a broken one, or one that needs further lines. */
type Outcome =
  | { readonly kind: 'record'; readonly cells: readonly string[]; readonly lines: number }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'unfinished' };

/**
 * Reads CSV or TSV (RFC 4180; quotes inside unquoted cells are plain characters; blank lines are skipped). After a
 * broken quote it goes on at the next line, so that one bad row costs one row: general parsers swallow the rest of
 * the file there. The first record is the header.
 *
 * @throws DataError when there is no header, or a name in it is empty or twice there
 */
export async function* parseDelimited(
  lines: AsyncIterable<readonly Line[]>,
  options: DelimitedOptions,
): AsyncGenerator<RecordBlock> {
  let header: readonly string[] | undefined;
  let rest: readonly Line[] = [];
  for await (const block of withEnd(lines)) {
    const taken = takeRecords([...rest, ...block.lines], block.atEnd, options.delimiter);
    rest = taken.rest;
    let records = taken.records;
    if (header === undefined) {
      if (records.length === 0 && taken.unreadable.length === 0 && !block.atEnd) continue;
      header = checkHeader(records[0], taken.unreadable[0], options.file);
      records = records.slice(1);
    }
    yield sortRagged(header, records, taken.unreadable);
  }
}

async function* withEnd(
  blocks: AsyncIterable<readonly Line[]>,
): AsyncGenerator<{ lines: readonly Line[]; atEnd: boolean }> {
  for await (const lines of blocks) yield { lines, atEnd: false };
  yield { lines: [], atEnd: true };
}

/** A record of which the number of cells is not checked yet. */
export interface RawRecord {
  readonly cells: readonly string[];
  readonly line: number;
  readonly raw: () => string;
}

export interface Taken {
  readonly records: readonly RawRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly rest: readonly Line[];
}

/** Records at the start of some lines, up to one that needs further lines (`rest`); `atEnd`: there are none. */
export function takeRecords(lines: readonly Line[], atEnd: boolean, delimiter: string): Taken {
  const records: RawRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  let at = 0;
  while (at < lines.length) {
    const { text, number, problem } = lines[at]!;
    if (text.trim() === '' && !text.includes(delimiter)) {
      at++;
      continue;
    }
    const outcome = readRecord(lines, at, atEnd, delimiter);
    if (outcome.kind === 'unfinished') break;
    const from = at;
    at += outcome.kind === 'record' ? outcome.lines : 1;
    const used = lines.slice(from, at);
    const raw = (): string => used.map((line) => line.text).join('\n');
    const inner = problem ?? used.find((line) => line.problem)?.problem;
    if (inner) unreadable.push({ line: number, ...inner, record: raw() });
    else if (outcome.kind === 'record') records.push({ cells: outcome.cells, line: number, raw });
    else unreadable.push({ line: number, rule: 'quote', reason: outcome.reason, record: text });
  }
  return { records, unreadable, rest: lines.slice(at) };
}

function readRecord(lines: readonly Line[], at: number, atEnd: boolean, delimiter: string): Outcome {
  const { text } = lines[at]!;
  if (!text.includes('"')) return { kind: 'record', cells: text.split(delimiter), lines: 1 };
  const cells: string[] = [];
  let row = at;
  let line = text;
  let position = 0;
  for (;;) {
    if (line[position] !== '"') {
      const end = line.indexOf(delimiter, position);
      cells.push(end < 0 ? line.slice(position) : line.slice(position, end));
      if (end < 0) return { kind: 'record', cells, lines: row - at + 1 };
      position = end + 1;
      continue;
    }
    const quoted = readQuoted(lines, row, position + 1);
    if (quoted === 'unfinished' && !atEnd && !isTooLong(lines, at, lines.length))
      return { kind: 'unfinished' };
    // However many lines are at hand: what is read must not depend on that.
    if (quoted === 'unfinished' || isTooLong(lines, at, quoted.row + 1)) {
      return { kind: 'broken', reason: `the quote that opens cell ${cells.length + 1} is never closed` };
    }
    cells.push(quoted.value);
    row = quoted.row;
    line = lines[row]!.text;
    position = quoted.position;
    if (position >= line.length) return { kind: 'record', cells, lines: row - at + 1 };
    if (line[position] !== delimiter) {
      return { kind: 'broken', reason: `text after the closing quote of cell ${cells.length}` };
    }
    position++;
  }
}

/** Reads from behind an opening quote to behind the closing one; a doubled quote is a quote. */
function readQuoted(
  lines: readonly Line[],
  startRow: number,
  startPosition: number,
): { value: string; row: number; position: number } | 'unfinished' {
  let value = '';
  let position = startPosition;
  for (let row = startRow; row < lines.length; row++, position = 0) {
    const line = lines[row]!.text;
    for (;;) {
      const end = line.indexOf('"', position);
      if (end < 0) break;
      value += line.slice(position, end);
      if (line[end + 1] !== '"') return { value, row, position: end + 1 };
      value += '"';
      position = end + 2;
    }
    value += `${line.slice(position)}\n`;
  }
  return 'unfinished';
}

/** Whether a record over these lines is longer than any may be. */
function isTooLong(lines: readonly Line[], from: number, to: number): boolean {
  if (to - from > MAX_RECORD_LINES) return true;
  let length = 0;
  // A single line may be of any length: its cells are looked at one by one.
  for (let row = from; row < to && to - from > 1; row++) length += lines[row]!.text.length;
  return length > 2 * MAX_CELL_LENGTH;
}

/** @throws DataError when there is no header, or a name in it is empty or twice there */
export function checkHeader(
  first: RawRecord | undefined,
  broken: UnreadableRecord | undefined,
  file: string,
): readonly string[] {
  if (broken && (!first || broken.line < first.line)) {
    throw new DataError(`${file}, line ${broken.line}: the header can't be read: ${broken.reason}`);
  }
  if (!first) throw new DataError(`${file}: the file is empty; its first line must name the columns`);
  const names = first.cells.map((name) => name.trim());
  names.forEach((name, i) => {
    if (name === '') {
      throw new DataError(
        `${file}, line ${first.line}: column ${i + 1} has no name; give every column a name`,
      );
    }
    if (names.indexOf(name) !== i) {
      throw new DataError(
        `${file}, line ${first.line}: two columns (${names.indexOf(name) + 1} and ${i + 1}) are called "${name}"; ` +
          'rename one of them',
      );
    }
  });
  return names;
}

/** Puts records aside that have another number of cells than the header, or too long ones. */
export function sortRagged(
  header: readonly string[],
  records: Taken['records'],
  unreadable: readonly UnreadableRecord[],
): RecordBlock {
  const good: SourceRecord[] = [];
  const bad = [...unreadable];
  for (const { cells, line, raw } of records) {
    const tooLong = cells.findIndex((cell) => cell.length > MAX_CELL_LENGTH);
    if (cells.length !== header.length) {
      const reason = `${cells.length} cells, but the header has ${header.length} columns`;
      bad.push({ line, rule: 'ragged', reason, record: raw() });
    } else if (tooLong >= 0) {
      const reason = `${header[tooLong]}: ${cells[tooLong]!.length} characters; at most ${MAX_CELL_LENGTH} are taken`;
      bad.push({ line, rule: 'too_long', reason, record: raw() });
    } else good.push({ cells: cells.map((cell) => (cell === '' ? null : cell)), line });
  }
  return { header, records: good, unreadable: bad.sort((a, b) => a.line - b.line) };
}
