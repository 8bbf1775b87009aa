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
import { TRACING_MODULES } from '../../infra/tracing/open.js';
import { repositoryRoot } from '../paths.js';

/** Ids of children are made of the run's own. */
interface RecordedHistory {
  readonly events: readonly [
    { readonly workflowExecutionStartedEventAttributes: { readonly workflowId: string } },
  ];
}

const folder = join(repositoryRoot, 'test/histories');

describe('recorded runs', () => {
  let workflowBundle: WorkflowBundleOption;
  let tracedBundle: WorkflowBundleOption;
  before(async () => {
    const quiet = new DefaultLogger('ERROR');
    Runtime.install({ logger: quiet });
    const options = { workflowsPath: modulePath(import.meta.url, '../../workflows/index'), logger: quiet };
    workflowBundle = await bundleWorkflowCode(options);
    tracedBundle = await bundleWorkflowCode({ ...options, workflowInterceptorModules: TRACING_MODULES });
  });

  it('bundles: nothing in the workflows needs what the sandbox lacks', () => {
    assert.ok('code' in workflowBundle && workflowBundle.code.length > 100_000);
  });

  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  it('are there', () => assert.ok(names.length >= 13, names.join(', ')));

  for (const name of names) {
    it(`${name} replays: this code would not break such a run`, async () => {
      const history = JSON.parse(readFileSync(join(folder, name), 'utf8')) as RecordedHistory;
      const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
      await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
      // Traces may be switched on while it is open.
      await Worker.runReplayHistory({ workflowBundle: tracedBundle }, history, workflowId);
    });
  }
});
