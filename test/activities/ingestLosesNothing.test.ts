import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runIngest } from './tableStages.js';

/** Text that is nearly CSV: good rows among all that breaks readers. */
const nearlyCsv = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.constantFrom('oak', '"a, b"', '"two\nlines"', ''), fc.constantFrom('a', 'b', ''))
          .map((cells) => cells.join(',')),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '"open,a',
          'x"y,a',
          '"x"y,a',
          'one',
          'a,b,c',
          '\0,a',
          '',
          '""",""",b',
          ',',
        ),
      },
      {
        weight: 1,
        arbitrary: fc.string({ unit: fc.constantFrom('"', ',', 'x', '\r', ' ', 'é'), maxLength: 8 }),
      },
    ),
    { maxLength: 40 },
  )
  .map((lines) => ['name,label', 'first,a', ...lines].join('\n'));

describe('no row is lost', () => {
  it('rows read = rows kept + rows in quarantine, and every line of the file is in one of them', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyCsv, async (text) => {
        const { rows, quarantine, output } = await runIngest({ 't.csv': text });
        assert.equal(output.figures['read'], rows.length + quarantine.length);
        assert.equal(output.figures['kept'], rows.length);
        const letters = (value: unknown): number => String(value ?? '').replace(/[^a-z]/g, '').length;
        const source = letters(text) - letters('namelabel');
        const kept = rows.reduce((sum, { name, target }) => sum + letters(name) + letters(target), 0);
        const aside = quarantine.reduce(
          (sum, { record, rule }) => sum + asideLetters(String(record), String(rule)),
          0,
        );
        assert.equal(kept + aside, source, 'every letter is kept or put aside');
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
        const bytes = Buffer.concat([Buffer.from('name,label\nx,a\n'), noise]);
        const { rows, quarantine, output } = await runIngest({ 't.csv': bytes });
        assert.equal(output.figures['read'], rows.length + quarantine.length);
      }),
      { numRuns: 200 },
    );
  });
});

/** Letters of the source in a quarantined record: JSON records repeat the column names, escapes add an x. */
function asideLetters(record: string, rule: string): number {
  const text =
    rule === 'missing_target'
      ? Object.values(JSON.parse(record) as object).join('')
      : record.replaceAll('\\x00', '');
  return text.replace(/[^a-z]/g, '').length;
}
