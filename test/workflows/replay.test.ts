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

/** States that a run of each workflow can be found in, by the name of a recording; with a stage that it must hold. */
const RESTS: Readonly<Record<string, readonly (string | readonly [name: string, stage: string])[]>> = {
  train: [
    ...[
      'running',
      'looping',
      'blocked',
      'waiting',
      'continuing',
      'tuning',
      'completed',
      'cancelled',
      'aborted',
    ],
    ...['retried', 'skipped', 'stopped', 'approved', 'continued', 'notified', 'drifted', 'successor'],
    ...['registered', 'tuned'],
    ['apart', 'fileShares'],
    ['shares', 'applyFeatures'],
    ['refined', 'refine'],
    ['knowledge', 'knowledge'],
    ['game', 'play'],
    ['lost', 'play'],
    ['aum', 'descent'],
    ['dynamics', 'dynamics'],
    ['pretrained', 'pretrain'],
    ['pretrained', 'importModel'],
  ],
  retrain: ['running', 'blocked', 'completed', 'unchanged'],
  benchmark: ['running', 'blocked', 'skipped', 'completed'],
  notification: ['running', 'completed', 'failed'],
  adapt: ['waiting', 'running', 'blocked', 'continuing', 'continued', 'stuck'],
};

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
  for (const [workflow, states] of Object.entries(RESTS)) {
    for (const state of states) {
      const [name, stage] = typeof state === 'string' ? [state] : state;
      it(`are there: ${workflow} ${name}${stage === undefined ? '' : `, with ${stage}`}`, () => {
        const { events } = JSON.parse(readFileSync(join(folder, `${workflow}-${name}.json`), 'utf8')) as {
          events: {
            readonly workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
            readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
          }[];
        };
        assert.equal(events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name, workflow);
        const asked = events.map((event) => event.activityTaskScheduledEventAttributes?.activityType.name);
        if (stage !== undefined) assert.ok(asked.includes(stage));
      });
    }
  }

  it('are made by all suites that make any, with one command', () => {
    const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...scripts['test:record']!.matchAll(/dist\/(\S+)\.test\.js/g)].map(([, path]) => path);
    const makers = ['test/workflows', 'test/cli', 'test/cli/schedules'].flatMap((under) =>
      readdirSync(join(repositoryRoot, under))
        .filter((file) => file.endsWith('.test.ts'))
        .filter((file) => /await record\(/.test(readFileSync(join(repositoryRoot, under, file), 'utf8')))
        .map((file) => join(under, file.replace(/\.test\.ts$/, ''))),
    );
    assert.deepEqual(named.sort(), makers.sort());
  });

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
