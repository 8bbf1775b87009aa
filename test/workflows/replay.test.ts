import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { modulePath } from '../../infra/modules.js';
import { repositoryRoot } from '../paths.js';

const folder = join(repositoryRoot, 'test/histories');

describe('recorded runs', () => {
  let workflowBundle: WorkflowBundleOption;
  before(async () => {
    const quiet = new DefaultLogger('ERROR');
    Runtime.install({ logger: quiet });
    workflowBundle = await bundleWorkflowCode({
      workflowsPath: modulePath(import.meta.url, '../../workflows/index'),
      logger: quiet,
    });
  });

  it('bundles: nothing in the workflows needs what the sandbox lacks', () => {
    assert.ok('code' in workflowBundle && workflowBundle.code.length > 100_000);
  });

  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  it('are there', () => assert.ok(names.length >= 13, names.join(', ')));

  for (const name of names) {
    it(`${name} replays: this code would not break such a run`, async () => {
      const history: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      await Worker.runReplayHistory({ workflowBundle }, history);
    });
  }
});
