import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunConfigInput } from '../../config/runConfig.js';
import { type Cluster, startCluster } from '../faults/cluster.js';
import { toyConfig } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

describe('runs whose estimator wants more than predictions, on a real server', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(240, 0.3);
    await cluster.startWorker('store');
  });
  after(() => cluster.stop());

  async function play(name: string, importance: RunConfigInput['importance']): Promise<string[]> {
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      importance,
      loop: { strengths: [16], outerFolds: 2, flips: 199, maxRounds: 1 },
      crossValidate: { folds: 0 },
    });
    const handle = await cluster.start(`train/toy/${name}`, config);
    const outcome = await handle.result();
    assert.equal(outcome.state, 'completed');
    assert.ok(outcome.outputs['report']);
    await record(`train-${name}`, handle);
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name ?? [],
    );
  }

  it('aum: one descent for each unit', async () => {
    const asked = await play('aum', { estimator: 'aum', folds: 3 });
    assert.equal(asked.filter((stage) => stage === 'descent').length, 3);
    assert.ok(!asked.includes('play'));
  });

  it('data_banzhaf: rounds of games until the budget is spent', async () => {
    const params = { units: 6, perUnit: 20, rankCorrelation: 2 };
    const asked = await play('game', { estimator: 'data_banzhaf', params, folds: 3 });
    assert.equal(asked.filter((stage) => stage === 'play').length, 3 * 6);
    assert.equal(asked.filter((stage) => stage === 'tally').length, 3 * 2);
  });
});
