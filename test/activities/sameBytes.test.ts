import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunConfigInput } from '../../config/runConfig.js';
import type { Artifacts } from '../../contracts/stage.js';
import { estimatorByName, evidencePlan } from '../../core/importance/index.js';
import { taskOf } from '../../core/tasks/index.js';
import { modelByName } from '../../models/index.js';
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
  async function play(name: string, more: Partial<RunConfigInput> = {}): Promise<Map<string, Artifacts>> {
    const store = await openStore(join(folder, name));
    const contextOf = createStageContexts(store, { scratchDirectory: join(folder, `${name}-scratch`) });
    let shard = 0;
    const signal = new AbortController().signal;
    const { runner, results } = inProcessRunner(() =>
      contextOf((shard++).toString(16).padStart(64, '0'), { signal, progress: () => undefined }),
    );
    const config = toyConfig(join(folder, 'toy.csv'), more);
    const evidence = evidencePlan(
      estimatorByName(config.importance.estimator),
      modelByName('linear'),
      taskOf(config.task),
    );
    await trainingJob(
      newRunState(config),
      { strengths: [1], evidence },
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

  const params = { units: 2, perUnit: 20 };
  const wanting = [
    { estimator: 'aum', stages: ['descent'] },
    { estimator: 'data_banzhaf', params, stages: ['play', 'tally'] },
  ];
  for (const { stages, ...importance } of wanting) {
    it(`writes the same bytes of ${stages.join(' and ')}, for ${importance.estimator}`, async () => {
      const more = {
        importance: { folds: 2, ...importance },
        loop: { strengths: [16], outerFolds: 2, maxRounds: 1, flips: 99 },
        crossValidate: { folds: 0 },
      };
      const [first, second] = [
        await play(`${importance.estimator}1`, more),
        await play(`${importance.estimator}2`, more),
      ];
      const asked = [...first.keys()];
      for (const stage of stages)
        assert.ok(
          asked.some((path) => path.startsWith(`importance.${stage}.full`)),
          stage,
        );
      assert.deepEqual(first, second);
    });
  }
});
