import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Artifacts } from '../../contracts/stage.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

describe('every stage of a run, twice, over real Parquet in a folder', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-same-bytes-'));
    await writeFile(join(folder, 'toy.csv'), toyCsv(600, 0.3));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Outputs of every shard, by path. The report is left out: it tells the time of its stages. */
  async function play(name: string): Promise<Map<string, Artifacts>> {
    const store = await openStore(join(folder, name));
    const contextOf = createStageContexts(store, { scratchDirectory: join(folder, `${name}-scratch`) });
    let shard = 0;
    const signal = new AbortController().signal;
    const { runner, results } = inProcessRunner(() =>
      contextOf((shard++).toString(16).padStart(64, '0'), { signal, progress: () => undefined }),
    );
    const config = toyConfig(join(folder, 'toy.csv'));
    await trainingJob(
      newRunState(config),
      { strengths: [1] },
      {
        runId: 'train/toy/1',
        runner,
        nowMs: () => 0,
        pause: async () => undefined,
      },
    );
    return new Map(
      [...results].filter(([path]) => path !== 'report').map(([path, { outputs }]) => [path, outputs]),
    );
  }

  it('writes the same bytes: every artifact of every shard has the same hash', async () => {
    const [first, second] = [await play('one'), await play('two')];
    assert.ok(first.size > 40, `${first.size} shards`);
    for (const stage of ['ingest', 'clean', 'featurize', 'analyse', 'gate'])
      assert.ok(first.has(stage), stage);
    assert.deepEqual(first, second);
  });
});
