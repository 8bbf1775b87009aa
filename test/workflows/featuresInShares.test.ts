import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import type { RunConfig } from '../../config/runConfig.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { DRY_RUN_QUERY, STATUS_QUERY } from '../../contracts/names.js';
import type { DryRun, RunStatus } from '../../contracts/run.js';
import { modulePath } from '../../infra/modules.js';
import { type Cluster, lasting, retry, startCluster, untilBlocked } from '../faults/cluster.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { BROKEN } from './brokenShare.js';
import { record } from './recordHistory.js';

describe('a run over a table of more rows than a share', () => {
  let cluster: Cluster;
  let broken: string;
  before(async () => {
    cluster = await startCluster(300, 0.2);
    broken = join(cluster.folder, 'broken');
    await writeFile(broken, '');
    const stagesModule = pathToFileURL(modulePath(import.meta.url, './brokenShare')).href;
    await cluster.startWorker('store', { stagesModule }, { environment: { [BROKEN.flag]: broken } });
  });
  after(() => cluster.stop());

  const toyIn = (rowsPerShare: number): RunConfig =>
    toyConfig(join(cluster.folder, 'toy.csv'), {
      ...QUICK,
      features: FeaturesConfig.parse({ rowsPerShare }),
    });

  it('has features made in activities of their own; one that fails costs its share only; the model is the same', async () => {
    const handle = await cluster.start('train/toy/shares', toyIn(100));
    const { stage, error, failedShards } = await untilBlocked(handle);
    assert.equal(stage, 'applyFeatures');
    assert.match(error, /rows from 100 can't be read/);
    assert.deepEqual(failedShards, ['applyFeatures.1']);
    const { again, stay } = await handle.query<DryRun>(DRY_RUN_QUERY);
    assert.deepEqual(again, [{ path: 'applyFeatures.1', because: 'it has not succeeded' }]);
    assert.deepEqual(stay, ['applyFeatures.0', 'applyFeatures.2']);
    await rm(broken);
    await retry(handle, 'applyFeatures');
    const outcome = await handle.result();
    assert.equal(outcome.state, 'completed');

    const { stages } = await handle.query<RunStatus>(STATUS_QUERY);
    const made = stages.find(({ path }) => path === 'applyFeatures');
    assert.deepEqual([made?.state, made?.shards], ['done', { done: 3, total: 3 }]);
    const events = (await handle.fetchHistory()).events ?? [];
    const asked = events.flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId ?? [],
    );
    const shares = asked.filter((id) => /^learnFeatures|^applyFeatures|^featurize/.test(id));
    assert.deepEqual(shares.sort(), [
      ...['applyFeatures.0', 'applyFeatures.1', 'applyFeatures.1', 'applyFeatures.2'],
      ...['featurize', 'learnFeatures'],
    ]);
    await record('train-shares', handle);

    const whole = await (await cluster.start('train/toy/whole', toyIn(300))).result();
    for (const name of ['featurizer', 'samples', 'classes', 'scores', 'weights', 'model'])
      assert.deepEqual(lasting(outcome)[name] ?? 'nothing', lasting(whole)[name], name);
    const [inShares, inOne] = [outcome, whole].map(({ outputs }) => outputs['features']![0]!);
    assert.equal(inShares!.rows, inOne!.rows);
    assert.notEqual(inShares!.sha256, inOne!.sha256, 'shares begin parts of their own');
  });
});
