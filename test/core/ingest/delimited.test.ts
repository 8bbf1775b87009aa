import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parseDelimited } from '../../../core/ingest/delimited.js';
import { decodeLines } from '../../../core/ingest/lines.js';
import type { RecordBlock } from '../../../core/ingest/source.js';

/** Reads a text that comes in pieces of `size` bytes. */
async function read(text: string, size = 1 << 16): Promise<RecordBlock> {
  const bytes = Buffer.from(text);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const whole: RecordBlock & { records: unknown[]; unreadable: unknown[] } = {
    header: [],
    records: [],
    unreadable: [],
  };
  const lines = decodeLines(chunks(), { encoding: 'utf-8', file: 't.csv' });
  let header: readonly string[] = [];
  for await (const block of parseDelimited(lines, { delimiter: ',', file: 't.csv' })) {
    header = block.header;
    whole.records.push(...block.records);
    whole.unreadable.push(...block.unreadable);
  }
  return { ...whole, header };
}

describe('parseDelimited', () => {
  it('goes on at the next line after a quote that is never closed, where csv-parse takes the rest of the file', async () => {
    const lines = ['a,b', ...Array.from({ length: 1000 }, (_, i) => (i === 3 ? '"x,1' : `${i},y`))];
    const { records, unreadable } = await read(lines.join('\n'));
    assert.equal(records.length, 999);
    assert.deepEqual(
      unreadable.map(({ line }) => line),
      [5],
    );
    const theirs: unknown[] = parse(lines.join('\n'), { columns: true, skip_records_with_error: true });
    assert.equal(theirs.length, 3);
  });

  it('numbers records by the line that they start at', async () => {
    const { records, unreadable } = await read('a,b\n\n"1\n\n2",x\n3,y\nbad\n4,z\n');
    assert.deepEqual(
      records.map(({ line }) => line),
      [3, 6, 8],
    );
    assert.deepEqual(
      unreadable.map(({ line }) => line),
      [7],
    );
  });

  it('puts a record aside whole when a line inside its quotes has a NUL', async () => {
    const { records, unreadable } = await read('a,b\n"1\n\0\n2",x\n3,y\n');
    assert.equal(records.length, 1);
    assert.deepEqual(unreadable, [
      { line: 2, rule: 'nul', reason: 'a NUL character at column 1', record: '"1\n\\x00\n2",x' },
    ]);
  });

  it('reads whatever a writer of RFC 4180 wrote, as csv-parse does, in pieces of any size', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é', '中'), maxLength: 6 });
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 50 }), async (rows, size) => {
        const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const plainOrQuoted = (text: string): string =>
          /["\n,]/.test(text) || text.trim() === '' ? quote(text) : text;
        const text = ['x,y,z', ...rows.map((row) => row.map(plainOrQuoted).join(','))].join('\n');
        const { records, unreadable } = await read(text, size);
        assert.deepEqual(unreadable, []);
        const cells = records.map((record) => record.cells.map((value) => value ?? ''));
        assert.deepEqual(cells, rows);
        assert.deepEqual(cells, parse(text, { from_line: 2 }) as string[][]);
      }),
      { numRuns: 200 },
    );
  });
});
