import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partFigures, type IngestedPart } from '../../../core/ingest/partHistory.js';

const part = (uri: string, sha256 = uri, more: Partial<IngestedPart> = {}): IngestedPart => ({
  ...{ uri, sha256, rows: 1, newestMs: undefined, isReused: false },
  ...more,
});

describe('figures of the files of a dataset', () => {
  it('tell nothing of change where there was no run before', () => {
    assert.deepEqual(partFigures([part('a'), part('b', 'b', { isReused: true })], undefined), {
      ...{ parts: 2, 'parts.reused': 1 },
    });
  });

  it('tell what is new, changed and gone, and nothing of what is as it was', () => {
    const now = [part('x/dt=1/a.csv'), part('x/dt=2/a.csv', 'other'), part('x/dt=3/a.csv')];
    const before = [part('x/dt=0/a.csv'), part('x/dt=1/a.csv'), part('x/dt=2/a.csv')];
    assert.deepEqual(partFigures(now, before), {
      ...{ parts: 3, 'parts.reused': 0 },
      'parts.new': '1 (dt=3/a.csv)',
      'parts.changed': '1 (dt=2/a.csv)',
      'parts.removed': '1 (dt=0/a.csv)',
    });
    assert.deepEqual(partFigures(before, before), { parts: 3, 'parts.reused': 0 });
  });

  it('name three of many', () => {
    const many = ['a', 'b', 'c', 'd'].map((uri) => part(uri));
    assert.equal(partFigures(many, [])['parts.new'], '4 (a, b, c, …)');
  });

  it('have the latest time of all as the watermark', () => {
    const times = [part('a', 'a', { newestMs: 5 }), part('b'), part('c', 'c', { newestMs: 86_400_000 })];
    assert.equal(partFigures(times, undefined)['watermark'], '1970-01-02T00:00:00.000Z');
  });
});
