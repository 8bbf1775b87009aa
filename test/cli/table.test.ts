import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pc from 'picocolors';
import { factLines, tableLines, wrap } from '../../cli/table.js';
import { columnsOf } from '../../core/text/columns.js';

const at = (columns: number) => ({ columns, colors: pc.createColors(false) });
const FAMILY = '👨‍👩‍👧‍👦';

const HEADINGS = [{ head: 'slice' }, { head: 'samples', numeric: true }];
const SLICES: readonly (readonly string[])[] = [
  ['category = 台灯', '212'],
  ['種類 = おもちゃ', '96'],
  ['brand = مصابيح', '1,012'],
  ['מותג = אור', '61'],
  [`kind = ${FAMILY}`, '7'],
  ['cafe\u0301', '5'],
];

describe('tables of any script', () => {
  it('end all numbers in one column', () => {
    const lines = tableLines(HEADINGS, SLICES, at(80));
    assert.equal(lines.length, SLICES.length + 1);
    assert.deepEqual([...new Set(lines.map(columnsOf))], [24]); // the widest slice, a gap, and `samples`
  });

  it('become blocks that fit where 40 columns are not enough, and lose nothing', () => {
    const long = SLICES.map(([name, samples]) => [`${name!} ${'台灯'.repeat(14)}${FAMILY}`, samples!]);
    const lines = tableLines(HEADINGS, long, at(40));
    assert.deepEqual(
      lines.filter((line) => columnsOf(line) > 40),
      [],
    );
    const whole = lines.join('').replaceAll(/\s/g, '');
    for (const [name] of long) assert.ok(whole.includes(name!.replaceAll(/\s/g, '')), name);
    assert.ok(lines.includes('  samples  1,012'));
  });

  it('keep lines within a cell apart, and the others beside the first', () => {
    const lines = tableLines(HEADINGS, [['灯\nランプ', '3']], at(40));
    assert.deepEqual(lines, ['slice   samples', '灯            3', 'ランプ']);
  });
});

describe('wrap', () => {
  const cases: readonly (readonly [name: string, text: string, width: number, lines: readonly string[]])[] = [
    ['breaks at spaces', 'one two three', 8, ['one two', 'three']],
    ['counts two columns for a Chinese letter', '台灯 台灯 台灯', 9, ['台灯 台灯', '台灯']],
    [
      'breaks between letters where nobody writes spaces',
      '这个标签看起来不对',
      8,
      ['这个标签', '看起来不', '对'],
    ],
    ['begins no line with a full stop', '見直して。次', 8, ['見直し', 'て。次']],
    ['keeps a path whole', 'see /data/写真/一覧表.csv', 12, ['see', '/data/写真/一覧表.csv']],
    ['keeps what is between two words', 'a  b', 8, ['a  b']],
    ['keeps line breaks', 'a\nb', 8, ['a', 'b']],
  ];
  for (const [name, text, width, lines] of cases) it(name, () => assert.deepEqual(wrap(text, width), lines));

  it('lays facts of any script below each other', () => {
    const lines = factLines([['weak', `${'台灯'.repeat(12)} 0.64`]], at(40));
    assert.ok(lines.length > 1);
    assert.ok(lines.every((line) => columnsOf(line) <= 40));
  });
});
