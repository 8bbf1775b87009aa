import type { Line } from './lines.js';
import { MAX_CELL_LENGTH, type RecordBlock, type SourceRecord, type UnreadableRecord } from './source.js';

/**
 * Reads one JSON object a line. Columns are the keys in order of first appearance; numbers and booleans become text,
 * lists and objects JSON, `null` and "" missing.
 */
export async function* parseJsonLines(lines: AsyncIterable<readonly Line[]>): AsyncGenerator<RecordBlock> {
  const positions = new Map<string, number>();
  for await (const block of lines) {
    const records: SourceRecord[] = [];
    const unreadable: UnreadableRecord[] = [];
    for (const line of block) {
      if (line.text.trim() === '') continue;
      const cells = line.problem ?? readObject(line.text, positions);
      if ('rule' in cells) unreadable.push({ line: line.number, ...cells, record: line.text });
      else records.push({ cells, line: line.number });
    }
    yield { header: [...positions.keys()], records, unreadable };
  }
}

type Problem = { readonly rule: string; readonly reason: string };

function readObject(text: string, positions: Map<string, number>): (string | null)[] | Problem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Only what was expected is caught: JSON.parse throws nothing but SyntaxError.
    return { rule: 'json', reason: `not valid JSON: ${(error as SyntaxError).message}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { rule: 'json', reason: 'expected a JSON object' };
  }
  const cells: [string, string | null][] = [];
  for (const [name, cell] of Object.entries(value)) {
    const read = readCell(name, cell);
    if (read !== null && typeof read === 'object') return read;
    cells.push([name, read]);
  }
  const row: (string | null)[] = [];
  for (const [name, cell] of cells) {
    if (!positions.has(name)) positions.set(name, positions.size);
    row[positions.get(name)!] = cell;
  }
  return Array.from(row, (cell) => cell ?? null);
}

function readCell(name: string, value: unknown): string | null | Problem {
  if (value === null || value === '') return null;
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
    // 1e300 is as good a number as any, but an id of 17 digits would silently become another one.
    if (Math.abs(value) < 1e21)
      return { rule: 'number', reason: `${name}: too large to be exact; write it as "text"` };
  }
  const text =
    typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (text.length <= MAX_CELL_LENGTH) return text;
  return {
    rule: 'too_long',
    reason: `${name}: ${text.length} characters; at most ${MAX_CELL_LENGTH} are taken`,
  };
}
