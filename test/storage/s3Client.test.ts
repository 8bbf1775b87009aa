import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSession } from '../../storage/s3Client.js';

describe('an S3 client', () => {
  const cases = [
    { name: 'has its defaults', options: {}, environment: {}, want: [4, 30_000] },
    {
      name: 'is told attempts and patience by the environment',
      options: {},
      environment: { AWS_MAX_ATTEMPTS: '7', S3_IDLE_TIMEOUT_MS: '1500' },
      want: [7, 1_500],
    },
    {
      name: 'is told more by its options than by the environment',
      options: { maxAttempts: 2, idleTimeoutMs: 300 },
      environment: { AWS_MAX_ATTEMPTS: '7', S3_IDLE_TIMEOUT_MS: '1500' },
      want: [2, 300],
    },
  ];
  for (const { name, options, environment, want } of cases) {
    it(name, async () => {
      const session = await openSession({ bucket: 'b', prefix: '', ...options }, environment);
      session.client.destroy();
      assert.deepEqual([session.maxAttempts, session.idleTimeoutMs], want);
    });
  }
});
