import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withFailuresAtEnd } from '../../../infra/build/tapFailures.js';

async function after(...lines: readonly string[]): Promise<string[]> {
  const given = async function* (): AsyncGenerator<string> {
    yield* lines;
  };
  const told: string[] = [];
  for await (const line of withFailuresAtEnd(given())) told.push(line);
  return told;
}

const FAILED = [
  '    not ok 2 - adds up',
  '      ---',
  '      duration_ms: 3.1',
  "      location: 'sums.test.js:4:3'",
  "      error: 'expected 4'",
  '      ...',
];

describe('failures at the end of a TAP log', () => {
  it('leaves a log without failures as it is', async () => {
    const lines = ['TAP version 13', 'ok 1 - adds up', '# tests 1', '# fail 0'];
    assert.deepEqual(await after(...lines), lines);
  });

  it('tells a failed test again, with its place and error, just before the counts', async () => {
    const told = await after(...FAILED, 'ok 3 - a later one', '# tests 3', '# fail 1');
    assert.deepEqual(told, [
      ...FAILED,
      'ok 3 - a later one',
      '# failed:',
      '#   not ok 2 - adds up',
      "#         location: 'sums.test.js:4:3'",
      "#         error: 'expected 4'",
      '# tests 3',
      '# fail 1',
    ]);
  });

  it('tells every one once, however long its message is', async () => {
    const long = Array.from({ length: 400 }, (_, i) => `      line ${i}`);
    const told = await after('not ok 1 - first', '  ---', ...long, '  ...', 'not ok 2 - second', '# tests 2');
    const again = told.slice(told.indexOf('# failed:'));
    assert.equal(again.filter((line) => line.includes('not ok')).length, 2);
    assert.ok(again.length < 30, `${again.length} lines`);
  });

  it('gives the files in which something failed, each once', async () => {
    const files = new Set<string>();
    const given = async function* (): AsyncGenerator<string> {
      yield* [...FAILED, ...FAILED, 'ok 2 - fine', '  ---', "  location: 'fine.test.js:1:1'", '  ...'];
    };
    for await (const line of withFailuresAtEnd(given(), files)) assert.ok(line.length > 0);
    assert.deepEqual([...files], ['sums.test.js']);
  });

  it('is not fooled by a test that is named like a count', async () => {
    const told = await after('# Subtest: # tests 3', 'not ok 1 - # tests 3', '# tests 1');
    assert.equal(told.indexOf('# failed:'), 2);
  });
});
