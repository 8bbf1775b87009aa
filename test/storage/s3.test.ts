import { describe } from 'node:test';
import { openS3Store } from '../../storage/s3.js';
import { storeContract } from './contract.js';
import { startBench } from './s3Bench.js';

const bench = await startBench();

describe('a store on an S3 server', () => {
  const isSeaweed = typeof bench !== 'string' && bench.server.kind === 'seaweedfs';
  storeContract(
    async (t) => {
      if (typeof bench !== 'string') return openS3Store(bench.options(), {});
      t.skip(bench);
      return undefined;
    },
    isSeaweed ? 'folders' : 'bytes',
  );
});
