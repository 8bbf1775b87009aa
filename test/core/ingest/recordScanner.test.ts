import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { DataError } from '../../../contracts/errors.js';
import { parseDelimited } from '../../../core/ingest/delimited.js';
import { decodeLines } from '../../../core/ingest/lines.js';
import { RecordScanner } from '../../../core/ingest/recordScanner.js';
import type { UnreadableRecord } from '../../../core/ingest/source.js';
import { wholeLines } from '../../../core/ingest/wholeLines.js';
import { nearlyTable } from '../../fakes/nearlyTable.js';

interface Read {
  readonly header: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: readonly (string | null)[] }[];
  readonly unreadable: readonly UnreadableRecord[];
}

type Options = { readonly encoding: 'utf-8' | 'latin1'; readonly maxLineBytes?: number };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What the reader of lines makes of a file: the reference. */
async function byLines(bytes: Uint8Array, size: number, options: Options): Promise<Read> {
  const read = {
    header: [] as readonly string[],
    rows: [] as Read['rows'][number][],
    unreadable: [] as UnreadableRecord[],
  };
  const lines = decodeLines(pieces(bytes, size), { ...options, file: 't.csv' });
  for await (const block of parseDelimited(lines, { delimiter: ',', file: 't.csv' })) {
    read.header = block.header;
    read.rows.push(...block.records);
    read.unreadable.push(...block.unreadable);
  }
  return read;
}

/** What the scanner makes of it, its CSV read by another library. */
async function byScanner(bytes: Uint8Array, size: number, options: Options): Promise<Read> {
  const scanner = new RecordScanner(',', 't.csv');
  const read = {
    header: [] as readonly string[],
    rows: [] as Read['rows'][number][],
    unreadable: [] as UnreadableRecord[],
  };
  const add = (block: ReturnType<RecordScanner['push']>): void => {
    read.header = block.header;
    const text = Buffer.concat(block.pieces).toString();
    const cells = parse(text, {
      relax_column_count: true,
      record_delimiter: '\n',
      max_record_size: 0,
    }) as string[][];
    assert.equal(cells.length, block.records);
    cells.forEach((row, i) => {
      const run = block.runs.findLast(({ record }) => record <= i)!;
      const line = run.line + i - run.record;
      read.rows.push({ line, cells: row.map((cell) => (cell === '' ? null : cell)) });
    });
    read.unreadable.push(...block.unreadable);
  };
  for await (const region of wholeLines(pieces(bytes, size), { ...options, file: 't.csv' })) {
    add(scanner.push(region, false));
  }
  add(scanner.push({ bytes: new Uint8Array(), cutBytes: 0 }, true));
  return read;
}

/** The reading, or what was said instead of it. */
async function orRefusal(reading: Promise<Read>): Promise<Read | string> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}

async function sameAsLines(bytes: Uint8Array, size: number, options: Options = { encoding: 'utf-8' }) {
  const wanted = await orRefusal(byLines(bytes, size, options));
  assert.deepEqual(await orRefusal(byScanner(bytes, size, options)), wanted);
  return wanted;
}

describe('the scanner of records reads what the reader of lines reads', () => {
  it('in 1,500 files that nearly are tables, in pieces of any size', async () => {
    let withRows = 0;
    await fc.assert(
      fc.asyncProperty(nearlyTable, fc.integer({ min: 1, max: 300 }), async (bytes, size) => {
        const read = await sameAsLines(bytes, size);
        if (typeof read !== 'string' && read.rows.length > 0) withRows++;
      }),
      { numRuns: 1500 },
    );
    assert.ok(withRows > 500, `${withRows} files had rows`);
  });

  it('in ISO-8859-1', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyTable, (bytes) =>
        sameAsLines(bytes, 50, { encoding: 'latin1' }).then(() => true),
      ),
      { numRuns: 200 },
    );
  });

  it('with over-long lines cut', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyTable, (bytes) =>
        sameAsLines(
          Buffer.from(bytes).filter((byte) => byte !== 13),
          7,
          { encoding: 'utf-8', maxLineBytes: 20 },
        ).then(() => true),
      ),
      { numRuns: 300 },
    );
  });

  const big = 'x'.repeat(10 * 2 ** 20);
  const cases = [
    { name: 'a cell of 10 MB, put aside', text: `name,label\n${big},a\nrug,b\n`, rows: 1, aside: 1 },
    { name: 'a quoted cell of 10 MB', text: `name,label\n"${big}",a\nrug,b\n`, rows: 1, aside: 1 },
    {
      name: 'a quote that is never closed before 20,000 lines',
      text: `name,label\n"oak,a\n${'rug,b\n'.repeat(20_000)}`,
      rows: 20_000,
      aside: 1,
    },
    {
      name: 'a quote that is closed 20,000 lines later',
      text: `name,label\n"oak,a\n${'rug,b\n'.repeat(20_000)}",a\n`,
      rows: 20_000,
      aside: 2,
    },
    {
      name: 'a quote over 200 lines',
      text: `name,label\n"oak\n${'rug\n'.repeat(200)}",a\nrug,b\n`,
      rows: 2,
      aside: 0,
    },
  ];
  for (const { name, text, rows, aside } of cases) {
    it(`with ${name}`, async () => {
      const read = await sameAsLines(Buffer.from(text), 1 << 18);
      assert.ok(typeof read !== 'string');
      assert.deepEqual([read.rows.length, read.unreadable.length], [rows, aside]);
    });
  }
});
