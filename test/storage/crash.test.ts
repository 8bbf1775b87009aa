import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { killWriters } from '../../bench/storage/kills.js';
import { raceWriters } from '../../bench/storage/races.js';
import { openFileStore } from '../../storage/file.js';
import { openS3Store } from '../../storage/s3.js';
import { availableBench, startBench } from './s3Bench.js';
import { temporaryFolder } from './workspace.js';

/** A hundred, and more of each, by hand: `npm run bench -- storage`. */
const KILLS = 10;
const bench = await startBench();

describe('processes that write artifacts', () => {
  const stores = {
    'a folder': async (root: string) => ({
      store: await openFileStore(join(root, 'store')),
      target: { uri: join(root, 'store'), environment: {} },
    }),
    S3: async () => {
      if (typeof bench === 'string') throw new Error(bench);
      const { endpoint, accessKeyId, secretAccessKey } = bench.server;
      const options = bench.options();
      const environment = {
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      const uri = `s3://${options.bucket}/${options.prefix}`;
      return { store: await openS3Store(options, {}), target: { uri, environment } };
    },
  };
  for (const [name, open] of Object.entries(stores)) {
    it(`leave whole ones or none in ${name}, wherever they are killed`, async (t) => {
      if (name === 'S3' && availableBench(t, bench) === undefined) return;
      const { store, target } = await open(await temporaryFolder(t));
      const { artifacts, damages } = await killWriters(store, target, KILLS);
      assert.deepEqual(damages, []);
      assert.ok(artifacts > 0);
    });

    it(`have exactly one winner where two create the same key in ${name}`, async (t) => {
      if (name === 'S3' && availableBench(t, bench) === undefined) return;
      const { store, target } = await open(await temporaryFolder(t));
      const { won, wrong } = await raceWriters(store, target, 30);
      assert.deepEqual(wrong, []);
      assert.equal(won[0]! + won[1]!, 30);
    });
  }
});
