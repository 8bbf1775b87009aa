import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pythonPattern } from '../../../core/sql/patterns.js';

describe("a pattern of JavaScript in Python's words", () => {
  const cases: readonly (readonly [pattern: string, wanted: string])[] = [
    ['^SPAM', '(?a)^SPAM'],
    ['oak$', '(?a)oak\\Z'],
    ['a.b', '(?a)a[^\\n\\r\\u2028\\u2029]b'],
    ['(?:a|b)+?', '(?a)(?:a|b)+?'],
    ['a{2,}', '(?a)a{2,}'],
    ['[^a-z\\d]', '(?a)[^a-z\\d]'],
    ['[-+]', '(?a)[\\x2d\\x2b]'],
    ['\\.\\/', '(?a)\\x2e\\x2f'],
    ['\\u{1F600}\\x41', '(?a)😀A'],
    ['[]', '(?a)(?!)'],
    ['[^]', '(?a)[\\d\\D]'],
    ['#', '(?a)\\x23'],
  ];
  for (const [pattern, wanted] of cases)
    it(`is ${wanted} for ${pattern}`, () => assert.equal(pythonPattern(pattern), wanted));

  const foreign: readonly (readonly [pattern: string, what: string])[] = [
    ['(a)\\1', '\\1'],
    ['\\p{L}', '\\p'],
    ['(?<=a)b', '(?<='],
    ['(?<!a)b', '(?<!'],
    ['(?<year>a)', '(?<name>'],
    ['[\\S]', '\\S'],
    ['\\cA', '\\c'],
    ['\\uD83D', '\\uD83D'],
  ];
  for (const [pattern, what] of foreign)
    it(`has none for ${pattern}, and says what is in the way`, () => {
      assert.ok(new RegExp(pattern, 'u')); // JavaScript knows it
      assert.deepEqual(pythonPattern(pattern), { foreign: what });
    });
});
