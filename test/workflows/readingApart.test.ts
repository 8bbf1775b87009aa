import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { STATUS_QUERY } from '../../contracts/names.js';
import type { RunStatus } from '../../contracts/run.js';
import { modulePath } from '../../infra/modules.js';
import { type Cluster, lasting, retry, startCluster, untilBlocked } from '../faults/cluster.js';
import { QUICK, toyConfig, toyCsv } from '../fakes/toyRun.js';
import { record } from './recordHistory.js';

describe('a run over many files that do not fit in memory', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(300, 0.2);
    const stagesModule = pathToFileURL(modulePath(import.meta.url, './tablesOnDisk')).href;
    await cluster.startWorker('store', { stagesModule });
  });
  after(() => cluster.stop());

  /** The toy's rows by three files, of which the second misses its label. */
  async function torn(): Promise<{ readonly folder: string; readonly mend: () => Promise<void> }> {
    const [head = '', ...lines] = toyCsv(300, 0.2).trimEnd().split('\n');
    const folder = join(cluster.folder, 'days');
    await mkdir(folder);
    for (const day of [0, 1, 2]) {
      const rows = lines.slice(day * 100, day * 100 + 100).join('\n');
      await writeFile(join(folder, `day${day}.csv`), `${head}\n${rows}\n`);
    }
    const [day, kept] = [join(folder, 'day1.csv'), join(cluster.folder, 'kept')];
    await rename(day, kept);
    await writeFile(day, 'id,text,split\nr1,oak,train\n');
    return { folder, mend: () => rename(kept, day) };
  }

  it('reads each share in an activity of its own; a file that fails costs its share only', async () => {
    const { folder, mend } = await torn();
    const handle = await cluster.start('train/toy/days', toyConfig(join(folder, '*.csv'), QUICK));
    const { stage, error } = await untilBlocked(handle);
    assert.equal(stage, 'read');
    assert.match(error, /day1\.csv/);
    await mend();
    await retry(handle, 'read');
    const outcome = await handle.result();
    assert.equal(outcome.state, 'completed');
    const { stages } = await handle.query<RunStatus>(STATUS_QUERY);
    const [files, read, ingest] = ['files', 'read', 'ingest'].map((path) =>
      stages.find((one) => one.path === path),
    );
    assert.equal(files?.figures['shares'], 3);
    assert.deepEqual(read?.shards, { done: 3, total: 3 });
    assert.equal(ingest?.figures['parts.reused'], 3);
    const events = (await handle.fetchHistory()).events ?? [];
    const asked = events.flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId ?? [],
    );
    const shares = asked.filter((id) => id.startsWith('read.')).sort();
    assert.deepEqual(
      shares.map((id) => id.slice(0, 6)),
      ['read.0', 'read.1', 'read.1', 'read.2'],
    );
    await record('train-apart', handle);

    const whole = await (
      await cluster.start('train/toy/whole', toyConfig(join(cluster.folder, 'toy.csv'), QUICK))
    ).result();
    assert.deepEqual(lasting(outcome)['dataset'], lasting(whole)['dataset']);
  });
});
