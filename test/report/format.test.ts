import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { count, decimal, duration, figure, instant, percent, pValue, signed } from '../../report/format.js';

const CASES: readonly (readonly [name: string, got: string, want: string])[] = [
  ['thousands are grouped', count(18973), '18,973'],
  ['a decimal has a real minus sign', decimal(-0.0314, 2), '−0.03'],
  ['a rounded zero has no sign', decimal(-0.0001), '0.000'],
  ['a missing number is a dash', decimal(NaN), '–'],
  ['a gain has its sign', signed(0.0289), '+0.029'],
  ['a loss has its sign', signed(-0.0289), '−0.029'],
  ['no change has none', signed(-0.0001), '0.000'],
  ['a share is a percentage', percent(0.0705, 1), '7.0%'],
  ['a p-value never reads as zero', pValue(0.0004), '< 0.001'],
  ['seconds', duration(33_740), '33.7 s'],
  ['minutes', duration(125_000), '2 min 05 s'],
  ['hours', duration(3_840_000), '1 h 04 min'],
  ['an unknown duration', duration(-Infinity), '–'],
  ['an instant in UTC', instant(0), '1970-01-01 00:00:00 UTC'],
  ['a figure to four digits', figure(0.839127), '0.8391'],
];

describe('formats', () => {
  for (const [name, got, want] of CASES) it(name, () => assert.equal(got, want));
});
