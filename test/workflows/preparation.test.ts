import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StageResult } from '../../contracts/stage.js';
import { prepareSamples, profileShard } from '../../workflows/preparation.js';
import { toyConfig } from '../fakes/toyRun.js';

const done: StageResult = {
  outputs: { dataset: [], quarantine: [], samples: [], features: [], classes: [], featurizer: [] },
  ...{ figures: {}, stageKey: '0'.repeat(64), cached: false },
};

it('has the engine of tables do what is asked of all rows', async () => {
  const config = { ...toyConfig(''), dataEngine: 'spark' as const };
  const asked: Record<string, unknown> = {};
  const { clean } = await prepareSamples(
    { runner: { run: () => Promise.resolve([]), show: () => undefined }, readsApart: () => false },
    (_, shardOf) => {
      const { stage, dataEngine } = shardOf();
      asked[stage] = dataEngine;
      return Promise.resolve(done);
    },
    () => config,
    { strengths: [] },
  );
  const { stage, dataEngine } = profileShard(config, clean);
  assert.deepEqual(
    { ...asked, [stage]: dataEngine },
    {
      ...{ ingest: 'spark', clean: 'spark', profile: 'spark', featurize: 'spark' },
    },
  );
});
