import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inferColumns, targetCandidates } from '../../../core/ingest/inferColumns.js';

const header = ['ticket_id', 'body', 'price', 'brand', 'specs', 'intent', 'blank', 'constant'];
const brands = ['Acme', 'Globex', 'Initech'];
const rows = Array.from({ length: 60 }, (_, i) => [
  `t${i}`,
  `where is my order number ${i} please tell me`,
  (i * 1.5).toFixed(2),
  brands[i % 3]!,
  `colour: red; size: ${i}`,
  i % 2 === 0 ? 'refund' : 'delivery',
  null,
  'x',
]);

describe('inferColumns', () => {
  it('tells ids, text, numbers, categories and attribute lists apart', () => {
    assert.deepEqual(inferColumns(header, rows, ['intent']), {
      id: 'ticket_id',
      text: ['body'],
      attributes: ['specs'],
      numeric: ['price'],
      categorical: ['brand'],
      ignored: [
        { name: 'blank', reason: 'empty' },
        { name: 'constant', reason: 'one value only' },
      ],
    });
  });

  it('takes no column for an id whose values repeat', () => {
    const repeated = rows.map((row) => ['same', ...row.slice(1)]);
    assert.equal(inferColumns(header, repeated, ['intent']).id, undefined);
  });

  it('offers columns with few values as the target, the usual names first', () => {
    assert.deepEqual(targetCandidates(header, rows), ['intent', 'brand']);
  });
});
