import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { featureNames, newFeaturizer } from '../../../core/features/featurizer.js';
import { featurizerBatches, featurizerFromBatches } from '../../../core/features/store.js';
import { fitBlock } from '../../../core/features/block.js';
import { vector } from '../../../core/features/vector.js';
import { parseVector } from '../../../core/ingest/values.js';
import type { CsrMatrix } from '../../../contracts/matrix.js';

const batch = (...image: (string | null)[]) => ({
  rows: image.length,
  columns: { id: image.map((_, i) => `p${i}`), image },
});
const dense = ({ rows, cols, indptr, indices, values }: CsrMatrix): number[][] =>
  Array.from({ length: rows }, (_, row) => {
    const out = new Array<number>(cols).fill(0);
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) out[indices[at]!] = values[at]!;
    return out;
  });
const made = (scale: 'unit' | 'standard' | 'none', rows: ReturnType<typeof batch>, fitted = rows) =>
  dense(vector.transformer(fitBlock(vector.learner(['image'], { width: 2, scale }), [fitted]))(rows));

describe('a cell that should be a vector', () => {
  const cases = [
    { text: '[1, -2.5, 3e-7]', want: [1, -2.5, Math.fround(3e-7)] },
    { text: '[1,2]', want: 'expected a list of 3 numbers, got 2' },
    { text: '[]', want: 'expected a list of 3 numbers, got 0' },
    { text: '[1,null,3]', want: 'number 2 of the list is null, expected a finite number' },
    { text: '[1,"2",3]', want: 'number 2 of the list is "2", expected a finite number' },
    { text: '[1.0,2.0,NaN]', want: 'the list holds NaN, which is not a finite number' },
    { text: '[-Infinity,2.0,3.0]', want: 'the list holds Infinity, which is not a finite number' },
    { text: '[1e300,1,1]', want: 'number 1 of the list is 1e+300, expected a finite number' },
    { text: '{"a":1}', want: '"{\\"a\\":1}" is not a list of numbers' },
    { text: '1 2 3', want: '"1 2 3" is not a list of numbers' },
  ];
  for (const { text, want } of cases) {
    it(`${text}: ${Array.isArray(want) ? 'is one' : want}`, () => {
      const parsed = parseVector(text, 3);
      assert.deepEqual('reason' in parsed ? parsed.reason : [...parsed], want);
    });
  }

  it('is read back to the bit, whatever numbers of 32 bits it holds', () => {
    const floats = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(floats, (values) => {
        const written = JSON.stringify([...values].map((value) => (Object.is(value, -0) ? 0 : value)));
        const parsed = parseVector(written, values.length);
        assert.ok(!('reason' in parsed));
        parsed.forEach((value, i) => assert.ok(value === values[i]));
      }),
    );
  });
});

describe('features of vectors', () => {
  it('have length 1, so that they weigh as much as a text', () => {
    assert.deepEqual(made('unit', batch('[3,4]', '[0,0]')), [
      [Math.fround(0.6), Math.fround(0.8)],
      [0, 0],
    ]);
  });

  it('are standardised by the training rows: means 2 and 10, deviations 1 and 2', () => {
    const training = batch('[1,8]', '[3,12]');
    assert.deepEqual(made('standard', batch('[4,10]', '[2,14]'), training), [
      [2, 0],
      [0, 2],
    ]);
  });

  it('are zeros where the vector is missing, with a feature that says so where training has some', () => {
    assert.deepEqual(made('none', batch('[1,2]', null, '')), [
      [1, 2, 0],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    assert.deepEqual(made('none', batch(null), batch('[1,2]')), [[0, 0]]);
  });

  it('name the row whose vector is none', () => {
    assert.throws(() => made('unit', batch('[1,2]', '[1]')), {
      name: 'DataError',
      message: 'column image, row "p1": expected a list of 2 numbers, got 1',
    });
  });

  it('are called by column and place, and survive being stored', () => {
    const fitted = newFeaturizer([
      fitBlock(vector.learner(['image'], { width: 2, scale: 'standard' }), [batch('[1,2]', null)]),
    ]);
    assert.deepEqual(featureNames(fitted), ['image[0]', 'image[1]', 'image is missing']);
    assert.deepEqual(featurizerFromBatches(featurizerBatches(fitted)), fitted);
  });
});
