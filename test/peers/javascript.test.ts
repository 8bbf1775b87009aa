import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planFunctions } from '../../core/cleaning/planSql.js';
import { pythonPattern } from '../../core/sql/patterns.js';
import { sqlFunctions } from '../../core/sql/functions.js';
import { askedPython as asked, type Value } from './askPython.js';
import { skipSpark } from './sparkHome.js';

const SEED = 2 ** 32 - 7;
const ours = (name: string) => {
  const found = [...sqlFunctions(SEED), ...planFunctions([])].find((one) => one.name === name)!;
  return found.call as (value: Value) => unknown;
};
const plain = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? 0 : value;
const sample = (arbitrary: fc.Arbitrary<Value>, given: readonly Value[]): Value[] => [
  ...given,
  ...fc.sample(arbitrary, { numRuns: 20_000, seed: 42 }),
];
const BLANKS = [
  ...'\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
  '\u0085',
  '\u001c',
  '\u180e',
];

const blank = fc.constantFrom('', '', '', ' ', '\u00a0', '\ufeff', '\u0085');
const numberLike = fc
  .tuple(
    blank,
    fc.oneof(fc.stringMatching(/^[-+0-9.eExXaAbBoO_dfInity]{0,9}$/), fc.double().map(String)),
    blank,
  )
  .map((parts) => parts.join(''));
const two = (most: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'));
const timeLike = fc
  .tuple(
    ...[blank, fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0')), two(14), two(33)],
    fc.constantFrom('', 'T', ' ', 't'),
    ...[
      two(26),
      fc.constantFrom('', ':'),
      two(61),
      fc.constantFrom('', ':00', ':59', ':60', ':07.1', ':07.12345', ':7', ':07.'),
    ],
    fc.constantFrom(
      '',
      'Z',
      '+00:00',
      '-02:30',
      '+0530',
      '-24:00',
      '+23:59',
      '+12:60',
      '+99:99',
      ' Z',
      ' +01:00',
      '\tZ',
      'z',
      '+1',
    ),
    blank,
  )
  .map(([start, year, month, day, t, hour, colon, minute, second, zone, end]) =>
    [start, `${year}-${month}-${day}`, ...(t === '' ? [] : [t, hour, colon, minute, second, zone]), end].join(
      '',
    ),
  );
const vectorLike = fc
  .tuple(
    fc.constantFrom('1', '2', '3'),
    fc.oneof(
      fc.json(),
      fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 3 }).map((list) => JSON.stringify(list)),
    ),
  )
  .map(([width, list]) => `${width} ${list}`);

describe("JavaScript's texts and numbers, in Python", { skip: skipSpark }, () => {
  const same: readonly { name: string; params?: readonly Value[]; values: Value[] }[] = [
    {
      name: 'number_text',
      values: sample(
        fc.oneof(
          fc.double({ noNaN: true }),
          fc.integer(),
          fc.double({ min: 1e18, max: 1e24, noNaN: true }),
          fc.double({ min: -1e-4, max: 1e-4, noNaN: true }),
        ),
        [
          0,
          -0,
          1,
          100,
          1e21,
          1e20,
          123456789012345680,
          5e-324,
          1.7976931348623157e308,
          1e-6,
          1e-7,
          0.1 + 0.2,
          -1.5e-9,
        ],
      ),
    },
    {
      name: 'as_number',
      values: sample(numberLike, [
        '',
        ' ',
        '0x',
        '0xFF',
        '0b2',
        '0o17',
        'Infinity',
        '-Infinity',
        'infinity',
        '1_0',
        '٣',
        ...BLANKS.map((at) => `${at}7${at}`),
        `0x${'f'.repeat(300)}`,
        `1${'0'.repeat(400)}`,
        '9007199254740993',
        '1e-400',
      ]),
    },
    {
      name: 'split_hash',
      params: [SEED],
      values: sample(fc.string({ unit: 'binary', maxLength: 12 }), ['', '😀', 'é']),
    },
    {
      name: 'parse_time',
      values: sample(timeLike, [
        '2024-02-30',
        '2023-02-29T00:00Z',
        '1700000000000',
        '-8640000000000000',
        '8640000000000001',
        '12345678901234567',
        '٢٠٢٤-01-01',
        '0000-01-01',
        '9999-12-31T24:00:00Z',
        '2024-01-01T24:00:01Z',
        '2024-01-01T24:00:00.001Z',
        '-0',
      ]),
    },
  ];
  for (const { name, params = [], values } of same) {
    it(`${name} gives the same`, () => {
      const found = asked(name, params, values).map(plain);
      const wanted = values.map((value) => plain(ours(name)(value)));
      const wrong = values.flatMap((value, i) =>
        found[i] === wanted[i] ? [] : [[value, found[i], wanted[i]]],
      );
      assert.deepEqual(wrong.slice(0, 30), []);
    });
  }

  it('tells vectors from what is none', () => {
    const values = sample(vectorLike, [
      '2 [1,NaN]',
      '1 [1e39]',
      '1 [3.4028235677973365e38]',
      '1 [3.4028235677973366e38]',
      '1 [true]',
      '1 \ufeff[1]',
      '1 [01]',
      '1 [1,]',
      `1 [1${'0'.repeat(5000)}]`,
      '1 [-0]',
      '0 []',
      `1 ${'['.repeat(100_000)}`,
    ]) as string[];
    const found = asked('vector', ['|', 'vector_reason'], values);
    const wanted = values.map((value) =>
      ours('vector_reason')(value) === null ? null : `|vector_reason(${value}|`,
    );
    const wrong = values.filter((_, i) => found[i] !== wanted[i]);
    assert.deepEqual(wrong.slice(0, 5), []);
  });

  it('finds patterns in the same texts', () => {
    const patterns = [
      '^a',
      'a$',
      '^a.c$',
      '\\bab\\b',
      '\\w+\\d?',
      '[^a-c]\\s',
      '\\S\\s$',
      '(?:ab|c){2}',
      '(a(?=b)|c(?!\\d))',
      '[\\]\\-^]',
      '^$',
      '.',
      '[^]$',
      'a{0,2}b*?c',
      '[\\s\\d]{3}',
      '\\x61\\u{1F600}',
      '[a\\-z]',
      '[]',
      '[-a]',
      '[a-]',
    ];
    const texts = sample(
      fc.string({
        unit: fc.constantFrom(
          'a',
          'b',
          'c',
          '1',
          ' ',
          '-',
          ']',
          '^',
          '\n',
          '\r',
          '\u2028',
          '\u00a0',
          'é',
          '😀',
          '\u001c',
          '\u0085',
          'A',
          'z',
          '٣',
          'ſ',
        ),
        maxLength: 6,
      }),
      ['', 'a\n', '\ufeff', 'K'],
    ) as string[];
    for (const pattern of patterns) {
      const python = pythonPattern(pattern);
      assert.equal(typeof python, 'string', pattern);
      const found = asked('matches', [python as string], texts);
      const finder = new RegExp(pattern, 'u');
      const wrong = texts.filter((text, i) => (found[i] === 1) !== finder.test(text));
      assert.deepEqual(wrong.slice(0, 5), [], pattern);
    }
  });
});
