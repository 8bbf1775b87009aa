import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changesSince } from '../../workflows/retrain.js';

describe('what has changed since the last firing', () => {
  const last = { dataVersion: 'a', settings: 's' };
  const cases: [string, Parameters<typeof changesSince>, string[]][] = [
    ['there was none', [undefined, last], ['first']],
    ['nothing', [last, last], []],
    ['the data', [last, { ...last, dataVersion: 'b' }], ['data']],
    ['the settings', [last, { ...last, settings: 't' }], ['settings']],
    ['both', [last, { dataVersion: 'b', settings: 't' }], ['data', 'settings']],
  ];
  for (const [name, [before, now], want] of cases)
    it(name, () => assert.deepEqual(changesSince(before, now), want));
});
