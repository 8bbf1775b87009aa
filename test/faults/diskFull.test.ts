import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { toyConfig } from '../fakes/toyRun.js';
import { lasting, retry, startCluster, untilBlocked, type Cluster } from './cluster.js';
import { mountDisk, unmountDisk } from './disk.js';

// Heavy: a whole run, on a disk that is too small at first.

const TOO_SMALL = '160k';
const LARGE_ENOUGH = '64m';

describe('a run whose store is on a disk that gets full', () => {
  let cluster: Cluster;
  let disk = '';
  let whyNot: string | undefined;
  before(async () => {
    cluster = await startCluster(600, 0.1);
    disk = join(cluster.folder, 'disk');
    whyNot = mountDisk(disk, `size=${TOO_SMALL}`);
  });
  after(async () => {
    if (whyNot === undefined) unmountDisk(disk);
    await cluster.stop();
  });

  it('blocks, says what to do, and completes once there is room, with the same bytes', async (t) => {
    if (whyNot !== undefined) return t.skip(`a full disk was NOT tested: ${whyNot}`);
    const config = toyConfig(join(cluster.folder, 'toy.csv'));
    const roomy = await cluster.startWorker('roomy');
    const undisturbed = lasting(await (await cluster.start('train/toy/roomy', config)).result());
    await roomy.kill();

    const worker = await cluster.startWorker('tight', { storeUri: join(disk, 'store') });
    const handle = await cluster.start('train/toy/tight', config);
    const { stage, error } = await untilBlocked(handle, 90_000);
    assert.match(error, /StoreUnavailableError: .*no space left for the store in .*disk\/store/);
    assert.match(error, /free some space, then retry/);
    mountDisk(disk, `remount,size=${LARGE_ENOUGH}`);
    await retry(handle, stage);
    assert.deepEqual(lasting(await handle.result()), undisturbed);
    await worker.kill();
  });
});
