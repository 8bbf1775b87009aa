import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeLines, type Line, type LineOptions } from '../../../core/ingest/lines.js';

async function read(bytes: Uint8Array, size: number, options: Partial<LineOptions> = {}): Promise<Line[]> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const lines: Line[] = [];
  for await (const block of decodeLines(chunks(), { encoding: 'utf-8', file: 't', ...options }))
    lines.push(...block);
  return lines;
}

describe('decodeLines', () => {
  it('gives the same lines whatever the pieces, also inside a character', async () => {
    const bytes = Buffer.from('\ufeffä中\r\n\nb\xe9\n', 'utf8');
    const want = [
      { text: 'ä中', number: 1 },
      { text: '', number: 2 },
      { text: 'bé', number: 3 },
    ];
    for (const size of [1, 2, 3, 4, 5, 100])
      assert.deepEqual(await read(bytes, size), want, `pieces of ${size}`);
  });

  it('keeps the start of an over-long line and goes on behind it', async () => {
    const bytes = Buffer.from(`a\n${'x'.repeat(500)}\nb\n`);
    for (const size of [1, 10, 100]) {
      const lines = await read(bytes, size, { maxLineBytes: 50 });
      assert.deepEqual(
        lines.map(({ number }) => number),
        [1, 2, 3],
      );
      assert.equal(lines[1]!.text, 'x'.repeat(50));
      assert.equal(lines[1]!.problem!.reason, 'the line is 500 bytes long; the first 50 are kept here');
      assert.equal(lines[2]!.text, 'b');
    }
  });

  it('takes ISO-8859-1 byte for byte, control characters included', async () => {
    const [line] = await read(Uint8Array.from([0x93, 0xe9]), 10, { encoding: 'latin1' });
    assert.equal(line!.text, '\u0093é');
  });
});
