import fc from 'fast-check';

const good = fc
  .tuple(
    fc.constantFrom('oak', '"a, b"', '"two\nlines"', '"say ""hi"""', 'caf\u00e9', ''),
    fc.constantFrom('a', 'b', ''),
  )
  .map((cells) => cells.join(','));
const odd = fc.constantFrom(
  ...[
    '"open,a',
    'x"y,a',
    '"x"y,a',
    'one',
    'a,b,c',
    '\0,a',
    '',
    '   ',
    '""",""",b',
    ',',
    ' "x",a',
    '"x" ,a',
    '"a\r\nb",a',
  ],
  ...['a\u2028b\u0085,c', '\ufeffx,a', 'lone\rreturn,a', '"lone\rreturn",a', '\u00a0,a', '😀,a'],
);
const noise = fc.string({ unit: fc.constantFrom('"', ',', 'x', '\r', ' ', 'é', '\0'), maxLength: 8 });
const line = fc.oneof(
  { weight: 4, arbitrary: good },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: noise },
);

const header = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('name,label', '\ufeffname,label', '"name",label') },
  { weight: 1, arbitrary: fc.constantFrom('name,name', 'name,', '', '"name,label', 'label') },
);

/** Bytes that nearly are a CSV table of the columns `name` and `label`: good rows among all that breaks readers. */
export const nearlyTable: fc.Arbitrary<Uint8Array> = fc
  .record({
    header,
    lines: fc.array(line, { maxLength: 40 }),
    end: fc.constantFrom('\n', '\r\n'),
    hasEnd: fc.boolean(),
    wrong: fc.option(fc.uint8Array({ minLength: 1, maxLength: 6 }), { freq: 4, nil: undefined }),
    at: fc.nat(),
  })
  .map(({ header: names, lines, end, hasEnd, wrong, at }) => {
    const bytes = Buffer.from([names, ...lines].join(end) + (hasEnd ? end : ''));
    if (wrong === undefined) return bytes;
    const position = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, position), wrong, bytes.subarray(position)]);
  });
