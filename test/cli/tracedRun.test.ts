import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultPayloadConverter, defaultFailureConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { tracedHistory } from '../../cli/tracedRun.js';
import { repositoryRoot } from '../paths.js';

const converter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};
const recorded = (name: string) =>
  historyFromJSON(JSON.parse(readFileSync(join(repositoryRoot, 'test/histories', name), 'utf8')));

describe('what Temporal remembers of a run', () => {
  it('names every finished shard of a completed one, with what it wrote', async () => {
    const { config, shards } = await tracedHistory(recorded('train-completed.json'), converter);
    assert.equal(config.name, 'toy');
    for (const path of ['clean', 'featurize', 'importance.weigh.full', 'train.choose', 'train.fit.uniform.0'])
      assert.ok(shards.has(path), path);
    assert.equal(shards.get('featurize')!.outputs['samples']![0]!.kind, 'samples');
    assert.ok(Number(shards.get('importance.weigh.full')!.figures['evidenceStrength']) > 0);
  });
  it('has what an aborted one got done before, and nothing of the stage that failed', async () => {
    const { shards } = await tracedHistory(recorded('train-aborted.json'), converter);
    assert.ok(!shards.has('report'));
    for (const { outputs } of shards.values()) assert.ok(Object.keys(outputs).length > 0);
  });
  it('refuses a history without a beginning', async () => {
    await assert.rejects(tracedHistory({ events: [] }, converter), /no beginning/);
  });
});
