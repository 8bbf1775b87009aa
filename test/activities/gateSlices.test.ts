import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnSlices } from '../../activities/gateSlices.js';
import { sliceColumns, unitColumns } from '../../activities/sliceColumns.js';
import { GateConfig } from '../../contracts/gateSettings.js';
import { Columns } from '../../contracts/settings.js';
import { taskOf } from '../../core/tasks/index.js';

const columns = Columns.parse({
  target: 'grade',
  text: ['query', 'title'],
  categorical: ['shelf'],
  group: 'q',
});
/** Two items of each of eight queries of one to four words; the first four are of rugs. */
const query = (q: number): string => Array.from({ length: 1 + (q % 4) }, (_, i) => `word${q}${i}`).join(' ');
const items = Array.from({ length: 16 }, (_, i) => i >> 1);
const table = {
  rows: 16,
  columns: {
    query: items.map(query),
    title: items.map((_, i) => `title ${i}`),
    shelf: items.map((q) => (q < 4 ? 'Rugs' : 'Lamps')),
  },
};
const judged = {
  targets: Int32Array.from(items, (_, i) => i % 2),
  groups: Int32Array.from(items, (q) => 10 * q),
  logits: { rows: 16, cols: 2, values: new Float64Array(32) },
};
const gate = GateConfig.parse({ minSliceSupport: 2 });
const cut = sliceColumns(table, columns);
const slicesOf = (task: string) =>
  new Map(
    columnSlices(unitColumns(taskOf(task), judged, cut), gate).map(({ name, rows }) => [name, [...rows]]),
  );

describe('slices that a gate looks into', () => {
  it('of rankings are queries, by what is the same for all of their rows: categories, and the length of the query', () => {
    const slices = slicesOf('ranking');
    assert.deepEqual(slices.get('shelf = Rugs'), [0, 1, 2, 3]);
    assert.deepEqual(slices.get('query length ≤ 1 words'), [0, 4]);
    assert.deepEqual(slices.get('query length > 3 words'), [3, 7]);
    assert.ok(
      [...slices.keys()].every((name) => !name.startsWith('title')),
      'titles differ within a query',
    );
  });

  it('of rows are rows, by every column', () => {
    const slices = slicesOf('classification');
    assert.deepEqual(slices.get('shelf = Rugs'), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(slices.get('title length ≤ 2 words'), undefined); // all of them: no slice
  });

  it('are as small as any threshold asks for', () => {
    const asked = GateConfig.parse({ minSliceSupport: 100, slices: { 'shelf = Rugs': { minSupport: 3 } } });
    const names = columnSlices(unitColumns(taskOf('ranking'), judged, cut), asked).map(({ name }) => name);
    assert.deepEqual(names, ['shelf = Lamps', 'shelf = Rugs']);
  });
});
