import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { apiKeys, keyOf } from '../../serving/apiKeys.js';
import { refuseRow } from '../../serving/protocol.js';
import { tableOf, type Cell } from '../../serving/rowReader.js';
import { answersOf, blend } from '../../serving/servedModel.js';
import { ServeMetrics } from '../../serving/serveMetrics.js';
import { rateLimit } from '../../serving/tokenBucket.js';

describe('answers', () => {
  it('are the most probable classes, of equals the first', () => {
    const [first, second] = answersOf(
      Float64Array.of(0.2, 0.5, 0.3, 0.4, 0.4, 0.2),
      { classes: ['a', 'b', 'c'] },
      2,
    );
    assert.deepEqual(first, {
      label: 'b',
      probability: 0.5,
      top: [
        { label: 'b', probability: 0.5 },
        { label: 'c', probability: 0.3 },
      ],
    });
    assert.deepEqual([second!.label, second!.top[1]!.label], ['a', 'b']);
  });

  it('name as many classes as were asked for, in falling order (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.nat(12),
        (values, top) => {
          const classes = values.map((_, k) => `c${k}`);
          const [answer] = answersOf(Float64Array.from(values), { classes }, top);
          assert.equal(answer!.probability, Math.max(...values));
          const named = answer!.top.map(({ probability }) => probability);
          assert.deepEqual(named, [...values].sort((a, b) => b - a).slice(0, top));
        },
      ),
    );
  });
});

describe('an ensemble', () => {
  it('is the normalised weighted mean: (0.8 × 0.01 + 0.9 × 0.02) / 1.7', () => {
    const member = (weight: number, p: number) => ({
      ...{ weight, classes: ['x', 'y'], probabilities: Float64Array.of(p, 1 - p) },
    });
    const [p, rest] = blend([member(0.8, 0.01), member(0.9, 0.02)], ['x', 'y']);
    assert.ok(Math.abs(p! - 0.026 / 1.7) < 1e-15);
    assert.ok(Math.abs(p! + rest! - 1) < 1e-15);
  });

  it('matches classes by name; a class that a model does not know has probability 0 there', () => {
    const blended = blend(
      [
        { weight: 1, classes: ['x', 'y'], probabilities: Float64Array.of(0.6, 0.4, 0.2, 0.8) },
        { weight: 3, classes: ['z', 'x'], probabilities: Float64Array.of(0.5, 0.5, 1, 0) },
      ],
      ['x', 'y', 'z'],
    );
    const want = [0.25 * 0.6 + 0.75 * 0.5, 0.25 * 0.4, 0.75 * 0.5, 0.25 * 0.2, 0.25 * 0.8, 0.75];
    blended.forEach((value, i) => assert.ok(Math.abs(value - want[i]!) < 1e-12, `${i}: ${value}`));
  });

  for (const weights of [
    [0, 0],
    [-1, 2],
    [NaN, 1],
    [Infinity, 1],
  ]) {
    it(`refuses the weights ${weights.join(', ')}`, () => {
      const members = weights.map((weight) => ({
        weight,
        classes: ['x'],
        probabilities: Float64Array.of(1),
      }));
      assert.throws(() => blend(members, ['x']), /expected non-negative numbers, one of them positive/);
    });
  }
});

describe('cells of a row', () => {
  const columns = [
    { name: 'title', isNumeric: false },
    { name: 'price', isNumeric: true },
  ];
  const cases: readonly { name: string; price: Cell; want: number | RegExp }[] = [
    { name: 'a number', price: 3.5, want: 3.5 },
    { name: 'a number as text', price: ' 3.5 ', want: 3.5 },
    { name: 'null', price: null, want: NaN },
    { name: 'an empty text', price: '', want: NaN },
    { name: 'nothing', price: undefined, want: NaN },
    { name: 'a word', price: 'cheap', want: /"cheap" is not a number/ },
    { name: 'infinity', price: Infinity, want: /Infinity is not a finite number/ },
    { name: 'a truth', price: true, want: /"true" is not a number/ },
  ];
  for (const { name, price, want } of cases) {
    it(`${name} in a column of numbers`, () => {
      const { batch, bad } = tableOf(columns, 1, (_, column) => (column === 'price' ? price : 'x'));
      if (want instanceof RegExp) assert.match(bad[0]!.reason, want);
      else assert.deepEqual([...(batch.columns['price'] as Float64Array)], [want]);
      assert.equal(bad.length, want instanceof RegExp ? 1 : 0);
    });
  }
  it('of text may be numbers; an empty one is missing', () => {
    const { batch } = tableOf(columns, 2, (row, column) => (column === 'title' ? [5, ''][row]! : 1));
    assert.deepEqual(batch.columns['title'], ['5', null]);
  });
  it('of unknown columns are refused with the nearest name, missing ones by name', () => {
    const others = new Set(['id']);
    assert.match(
      refuseRow({ titel: 'x', price: 1 }, columns, others)!,
      /unknown column "titel"; did you mean "title"\?/,
    );
    assert.match(refuseRow({ title: 'x' }, columns, others)!, /column "price" is missing; give null/);
    assert.equal(refuseRow({ title: 'x', price: null, id: 7 }, columns, others), undefined);
  });
});

describe('a rate limit', () => {
  it('lets a burst through, then one in 1/rate seconds, for each client apart', () => {
    const limit = rateLimit(2);
    assert.deepEqual(
      [0, 0, 0].map(() => limit.take('a', 0)),
      [0, 0, 0.5],
    );
    assert.equal(limit.take('b', 0), 0);
    assert.equal(limit.take('a', 499) > 0, true);
    assert.equal(limit.take('a', 501), 0);
  });
  it('of 0 is none', () => {
    const limit = rateLimit(0);
    for (let i = 0; i < 100; i++) assert.equal(limit.take('a', 0), 0);
  });
  it('never lets more through than burst + rate × time (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(300), { maxLength: 80 }), (rate, gaps) => {
        const limit = rateLimit(rate);
        let now = 0;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          if (limit.take('a', now) === 0) passed += 1;
        }
        assert.ok(passed <= rate + (rate * now) / 1000 + 1e-9);
      }),
    );
  });
});

describe('API keys', () => {
  const keys = apiKeys(
    'first-key-of-sixteen, second-key-of-some',
    '# comment\nthird-key-in-a-file # why\n\n',
  );
  it('come from the environment and a file', () => {
    assert.equal(keys.count, 3);
    for (const key of ['first-key-of-sixteen', 'second-key-of-some', 'third-key-in-a-file']) {
      assert.match(keys.client(key)!, /^key [0-9a-f]{8}$/);
      assert.ok(!keys.client(key)!.includes(key.slice(0, 5)));
    }
    assert.equal(keys.client('another-key-of-sixteen'), undefined);
    assert.equal(keys.client(undefined), undefined);
  });
  it('that could be guessed are refused, and not shown', () => {
    assert.throws(
      () => apiKeys('first-key-of-sixteen,short', undefined),
      (error: Error) => {
        assert.match(error.message, /API key 2 has 5 characters; at least 16/);
        assert.ok(!error.message.includes('short'));
        return true;
      },
    );
  });
  it('are read off either header', () => {
    assert.equal(keyOf({ authorization: 'Bearer abc' }), 'abc');
    assert.equal(keyOf({ 'x-api-key': 'abc' }), 'abc');
    assert.equal(keyOf({ authorization: 'Basic abc' }), undefined);
  });
});

describe('metrics', () => {
  it('are what Prometheus reads: counters, a cumulative histogram, gauges, escaped labels', () => {
    const metrics = new ServeMetrics();
    metrics.count('requests_total', { route: '/a', status: '200' });
    metrics.count('requests_total', { route: '/a', status: '200' }, 2);
    metrics.time('/a', 0.003);
    metrics.time('/a', 9);
    const text = metrics.render({ model_info: [[{ model: 'a"b\\c\nd' }, 1]] });
    assert.match(text, /^# TYPE requests_total counter\nrequests_total\{route="\/a",status="200"\} 3$/m);
    assert.match(text, /_bucket\{route="\/a",le="0\.0025"\} 0\n.*_bucket\{route="\/a",le="0\.005"\} 1$/m);
    assert.match(
      text,
      /_bucket\{route="\/a",le="2\.5"\} 1\n.*le="\+Inf"\} 2\n.*_sum.* 9\.003\n.*_count.* 2$/m,
    );
    assert.match(text, /model_info\{model="a\\"b\\\\c\\nd"\} 1\n$/);
  });
});

describe('vectors of a row', () => {
  const columns = [
    { name: 'title', isNumeric: false },
    { name: 'price', isNumeric: true },
    { name: 'image', isNumeric: false, width: 3 },
  ];
  const given = (row: Record<string, Cell>) => tableOf(columns, 1, (_, column) => row[column]);

  it('are lists, or the same as JSON text; missing ones are null', () => {
    for (const image of [[1, 2, 3], '[1,2,3]'])
      assert.deepEqual(given({ title: 'a', image }).batch.columns['image'], ['[1,2,3]']);
    assert.deepEqual(given({ title: 'a', image: null }).batch.columns['image'], [null]);
  });

  it('of another width, and lists where one value is read, are told by column', () => {
    const { bad } = given({ title: [1], price: [2], image: [1, 2] });
    assert.deepEqual(bad, [
      { row: 0, column: 'title', reason: 'expected one value, got a list' },
      { row: 0, column: 'price', reason: 'expected one value, got a list' },
      { row: 0, column: 'image', reason: 'expected a list of 3 numbers, got 2' },
    ]);
  });
});
