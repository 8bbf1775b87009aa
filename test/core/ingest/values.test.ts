import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNumber, parseTime } from '../../../core/ingest/values.js';

describe('parseNumber', () => {
  const numbers: [string, number][] = [
    ['1', 1],
    [' -2.50 ', -2.5],
    ['.5', 0.5],
    ['3.', 3],
    ['1e3', 1000],
    ['+4E-2', 0.04],
    ['007', 7],
  ];
  for (const [text, want] of numbers) it(`reads "${text}"`, () => assert.equal(parseNumber(text), want));
  for (const text of [
    '',
    'x',
    '1,5',
    '1 000',
    '0x1f',
    '1e',
    '--1',
    '$5',
    'NaN',
    'inf',
    '-Infinity',
    '1e400',
    '٣',
  ]) {
    it(`refuses "${text}"`, () => assert.equal(typeof parseNumber(text), 'object'));
  }
});

describe('parseTime', () => {
  const times: [string, number][] = [
    ['0', 0],
    ['-1000', -1000],
    ['1700000000000', 1_700_000_000_000],
    ['1970-01-02', 86_400_000],
    ['1970-01-01T00:00', 0],
    ['1970-01-01 00:00:01', 1000], // without a zone: UTC, wherever this runs
    ['1970-01-01T01:00:00+01:00', 0],
    ['1970-01-01T00:00:00.250Z', 250],
  ];
  for (const [text, want] of times) it(`reads "${text}"`, () => assert.equal(parseTime(text), want));
  for (const text of ['', 'now', '01.02.2024', '2024-13-01', '2024-1-1', '99999999999999999']) {
    it(`refuses "${text}"`, () => assert.equal(typeof parseTime(text), 'object'));
  }
});
