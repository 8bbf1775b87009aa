import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';

/** A row of the table `quarantine`, and one of `dataset`, as tests read them. */
type Row = Readonly<Record<string, unknown>>;

/** What was put aside as it stands in the file; other rules speak of a record that could be read. */
const AS_IT_STANDS = new Set(['encoding', 'nul', 'quote', 'ragged', 'too_long']);

/**
 * Asserts that the rows kept and the records put aside of a CSV file (columns `name`, `label` and others) are all that is
 * in it, each byte once. What was put aside as it stands must be, letter by letter, the lines where it is said to stand;
 * what then remains is read by another library, and must be the rows that were kept and, at their lines, those without a
 * label. Byte order mark, header and blank lines belong to no record.
 */
export function assertTiles(bytes: Uint8Array, kept: readonly Row[], aside: readonly Row[]): void {
  const lines = linesOf(bytes);
  const headerAt = lines.findIndex((line) => !isBlank(shown(line)));
  const [header] = readCsv([lines[headerAt]!]);
  const columns = header!.map((name) => name.trim());
  const standing = aside.filter(({ rule }) => AS_IT_STANDS.has(String(rule)));
  const taken = takeLines(lines, standing);
  const rest = [...lines.keys()].filter((line) => line > headerAt && !taken.has(line));
  const unlabelled = new Map(
    aside.filter((row) => !standing.includes(row)).map((row) => [Number(row['line']), row]),
  );
  const found: string[] = [];
  let at = 0;
  for (const cells of readCsv(rest.map((line) => lines[line]!))) {
    const line = rest[at]! + 1;
    at += 1 + newlines(cells.join());
    if (cells.length === 1 && isBlank(cells[0]!)) continue;
    assert.equal(cells.length, columns.length, `line ${line} has as many cells as the header`);
    const cell = (name: string): string => cells[columns.indexOf(name)]!;
    if (cell('label').trim() !== '') found.push(keyOf(cell('name'), cell('label').trim()));
    else {
      const row = unlabelled.get(line);
      assert.equal(row?.['rule'], 'missing_target', `line ${line} was put aside`);
      const present = columns.flatMap((name, i) => (cells[i] === '' ? [] : [[name, cells[i]]]));
      assert.deepEqual(JSON.parse(String(row!['record'])), Object.fromEntries(present));
      unlabelled.delete(line);
    }
  }
  assert.equal(at, rest.length, 'no record ends in the middle of a line');
  assert.deepEqual([...unlabelled.keys()], [], 'nothing is put aside that is not there');
  const keys = kept.map(({ name, target }) => keyOf(String(name ?? ''), String(target)));
  assert.deepEqual(keys.sort(), found.sort());
}

const keyOf = (name: string, target: string): string => JSON.stringify([name, target]);
const newlines = (text: string): number => text.split('\n').length - 1;
const isBlank = (line: string): boolean => line.trim() === '' && !line.includes(',');

/** Lines without their ends, the byte order mark left out. */
function linesOf(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  const text = all.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? all.subarray(3) : all;
  const lines: Buffer[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(10, from);
    const line = text.subarray(from, end < 0 ? text.length : end);
    lines.push(line.at(-1) === 13 ? line.subarray(0, -1) : line);
    from = end < 0 ? text.length : end + 1;
  }
  return lines;
}

/** As a record shows a line: reversible, printable whatever the bytes. */
function shown(line: Buffer): string {
  const hex = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).toUpperCase()}`;
  const text = isUtf8(line) ? line.toString() : line.toString('latin1').replace(/[\x80-\xff]/g, hex);
  return text.replaceAll('\0', '\\x00');
}

/** The lines of records that stand there, each taken once. */
function takeLines(lines: readonly Buffer[], aside: readonly Row[]): Set<number> {
  const taken = new Set<number>();
  for (const { line, record } of aside) {
    for (const [i, text] of String(record).split('\n').entries()) {
      const at = Number(line) - 1 + i;
      assert.equal(text === shown(lines[at]!), true, `line ${at + 1} is what the record says`);
      assert.ok(!taken.has(at), `line ${at + 1} was put aside once`);
      taken.add(at);
    }
  }
  return taken;
}

const readCsv = (lines: readonly Buffer[]): string[][] =>
  parse(lines.map((line) => `${line.toString()}\n`).join(''), {
    ...{ relax_column_count: true, relax_quotes: true, record_delimiter: '\n', max_record_size: 0 },
  }) as string[][];
