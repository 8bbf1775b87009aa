import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StageResult } from '../../contracts/stage.js';
import { mayBeSeveral } from '../../core/ingest/patterns.js';
import { readApart } from '../../workflows/reading.js';
import type { Shard } from '../../workflows/shards.js';
import { toyConfig } from '../fakes/toyRun.js';

/** What is asked of workers for a dataset that is cut into so many shares. */
async function asked(source: string | string[], shares: number, readsApart = true): Promise<string[]> {
  const paths: string[] = [];
  const config = toyConfig('');
  const done = (figures: Record<string, number>): StageResult => ({
    ...{ outputs: {}, figures, stageKey: '0'.repeat(64), cached: false },
  });
  const runner = {
    run: (_: string, shardsOf: () => readonly Shard[]): Promise<StageResult[]> => {
      paths.push(...shardsOf().map(({ path }) => path));
      return Promise.resolve([]);
    },
    show: () => undefined,
  };
  await readApart(
    { runner, readsApart: () => readsApart },
    (path) => {
      paths.push(path);
      return Promise.resolve(done({ shares }));
    },
    () => ({ ...config, dataset: { ...config.dataset, source } }),
  );
  return paths;
}

describe('files that workers read side by side', () => {
  for (const source of ['in/*.csv', 'in/day?.csv', 'in/day{0,1}.csv', ['in/*.csv'], ['a.csv', 'b.csv']]) {
    it(`are looked for in ${JSON.stringify(source)}, and asked for share by share`, async () => {
      assert.ok(mayBeSeveral(source));
      assert.deepEqual(await asked(source, 2), ['files', 'read.0', 'read.1']);
      assert.deepEqual(await asked(source, 0), ['files']);
      assert.deepEqual(await asked(source, 2, false), []);
    });
  }
  for (const source of ['a.csv', ['a.csv']]) {
    it(`are not looked for in ${JSON.stringify(source)}`, async () => {
      assert.ok(!mayBeSeveral(source));
      assert.deepEqual(await asked(source, 2), []);
    });
  }
});
