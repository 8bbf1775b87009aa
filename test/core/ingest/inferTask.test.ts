import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inferTask, type TaskGuess } from '../../../core/ingest/inferTask.js';

/** Rows of that many cells a column: `{ column: cells that repeat }`. */
function table(columns: Readonly<Record<string, readonly string[]>>): { header: string[]; rows: string[][] } {
  const header = Object.keys(columns);
  const rows = Array.from({ length: 40 }, (_, i) =>
    Object.values(columns).map((cells) => cells[i % cells.length] ?? ''),
  );
  return { header, rows };
}

const all = (prefix: string): string[] => Array.from({ length: 40 }, (_, i) => `${prefix}${i}`);

describe('inferTask', () => {
  const cases: { name: string; columns: Record<string, string[]>; target: string; want: TaskGuess }[] = [
    {
      name: 'grades of the rows of a query are a ranking by the query',
      columns: {
        query_id: ['q1', 'q2', 'q3'],
        query: ['lamp', 'rug', 'bed'],
        title: all('t'),
        relevance: ['0', '1', '2'],
      },
      target: 'relevance',
      want: { task: 'ranking', group: 'query_id' },
    },
    {
      name: 'words of the query do where it has no id',
      columns: { query: ['lamp', 'rug'], grade: ['0', '3'] },
      target: 'grade',
      want: { task: 'ranking', group: 'query' },
    },
    {
      name: 'grades where every query is asked once are classes',
      columns: { query: all('q'), grade: ['0', '1'] },
      target: 'grade',
      want: { task: 'classification' },
    },
    {
      name: 'words for grades are classes, since nobody said what they are worth',
      columns: { query: ['lamp', 'rug'], label: ['exact', 'partial'] },
      target: 'label',
      want: { task: 'classification' },
    },
    {
      name: 'an intent of a query is a class',
      columns: { query: ['lamp', 'rug'], intent: ['0', '1'] },
      target: 'intent',
      want: { task: 'classification' },
    },
    {
      name: 'clicks and none are ctr, whoever clicks on what',
      columns: { user: ['u1', 'u2'], item: ['a', 'b', 'c'], clicked: ['0', '1'] },
      target: 'clicked',
      want: { task: 'ctr' },
    },
    {
      name: 'a click may be written yes and no',
      columns: { page: ['a', 'b'], click: ['no', 'Yes'] },
      target: 'click',
      want: { task: 'ctr' },
    },
    {
      name: 'clicks that are counted are no ctr',
      columns: { page: ['a', 'b'], clicks: ['0', '1', '7'] },
      target: 'clicks',
      want: { task: 'classification' },
    },
    {
      name: 'what users took of items is a recommendation by the user',
      columns: { user_id: ['u1', 'u2'], movie: ['a', 'b', 'c'], watched: ['0', '1'] },
      target: 'watched',
      want: { task: 'recommendation', group: 'user_id', item: 'movie' },
    },
    {
      name: 'what users took without knowing of what is a class',
      columns: { user_id: ['u1', 'u2'], bought: ['0', '1'] },
      target: 'bought',
      want: { task: 'classification' },
    },
    {
      name: 'other yes and no is a class',
      columns: { user: ['u1', 'u2'], item: ['a', 'b'], spam: ['0', '1'] },
      target: 'spam',
      want: { task: 'classification' },
    },
  ];
  for (const { name, columns, target, want } of cases) {
    it(name, () => {
      const { header, rows } = table(columns);
      assert.deepEqual(inferTask(header, rows, target), want);
    });
  }

  it('looks only for the columns of a task that somebody said', () => {
    const { header, rows } = table({ customer: ['a', 'b'], sku: ['x', 'y'], ok: ['0', '1'] });
    assert.deepEqual(inferTask(header, rows, 'ok', 'recommendation'), {
      task: 'recommendation',
      group: 'customer',
      item: 'sku',
    });
    assert.deepEqual(inferTask(header, rows, 'ok', 'ranking'), { task: 'ranking' });
  });

  it('takes a table without rows for classes', () =>
    assert.deepEqual(inferTask(['query', 'grade'], [], 'grade'), { task: 'classification' }));
});
