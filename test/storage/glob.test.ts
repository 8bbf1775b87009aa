import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPattern } from '../../core/ingest/patterns.js';
import { fixedFolder, matcher } from '../../storage/glob.js';

describe('matcher', () => {
  const cases = [
    {
      pattern: 'a/*.csv',
      yes: ['a/x.csv', 'a/.csv'],
      no: ['a/b/x.csv', 'a/xcsv', 'b/a/x.csv', 'a/x.csv.gz'],
    },
    { pattern: '**/*.csv', yes: ['x.csv', 'a/x.csv', 'a/b/x.csv'], no: ['x.tsv'] },
    { pattern: 'a/**', yes: ['a/b', 'a/b/c'], no: ['ab', 'a'] },
    {
      pattern: 'part-?.{csv,tsv}',
      yes: ['part-1.csv', 'part-2.tsv'],
      no: ['part-10.csv', 'part-/.csv', 'part-1.'],
    },
    { pattern: 'x{a,b{c,d}}', yes: ['xa', 'xbc', 'xbd'], no: ['xb', 'xc'] },
    { pattern: 'a(b)[c].+*', yes: ['a(b)[c].+', 'a(b)[c].+z'], no: ['abc.+', 'a(b)[c]x+'] },
    { pattern: 'open{brace', yes: ['open{brace'], no: ['open'] },
    { pattern: '商品*.csv', yes: ['商品1.csv'], no: ['品1.csv'] },
  ];
  for (const { pattern, yes, no } of cases) {
    it(`${pattern} takes ${yes.join(' ')} and not ${no.join(' ')}`, () => {
      for (const path of yes) assert.match(path, matcher(pattern));
      for (const path of no) assert.doesNotMatch(path, matcher(pattern));
    });
  }
});

describe('fixedFolder', () => {
  const cases = [
    { in: 'data/2024-*/x.csv', want: 'data/' },
    { in: '*.csv', want: '' },
    { in: '/a/b/{c,d}', want: '/a/b/' },
  ];
  for (const { in: pattern, want } of cases) {
    it(`of ${pattern} is "${want}"`, () => assert.equal(fixedFolder(pattern), want));
  }
  it('is asked of patterns only', () =>
    assert.deepEqual(['a.csv', 'a*.csv', 'a{b}'].map(isPattern), [false, true, true]));
});
