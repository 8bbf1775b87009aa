import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { TrainerListener } from '../../activities/runner.js';
import type { Progress } from '../../contracts/stage.js';
import { modulePath } from '../../infra/modules.js';
import { ChildPool } from '../../workers/pool.js';
import type { TrainerJob } from '../../activities/runner.js';

let directory = '';
let pool: ChildPool;
let jobs = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-pool-'));
  pool = new ChildPool({
    size: 2,
    abortGraceMs: 300,
    settings: {
      stagesModule: pathToFileURL(modulePath(import.meta.url, './toyStages')).href,
      storeUri: join(directory, 'store'),
      scratchDirectory: join(directory, 'scratch'),
      checkpointIntervalMs: 1,
    },
  });
});

after(async () => {
  await pool.close();
  await rm(directory, { recursive: true, force: true });
});

function job(stage: string, params: TrainerJob['request']['params'] = {}, seed = 0): TrainerJob {
  const stageKey = (++jobs).toString(16).padStart(64, '0');
  return {
    stageKey,
    codeVersion: '1',
    request: { runId: 'run', path: `path.${stage}`, stage, seed, params, inputs: {} },
  };
}

function listener(change: Partial<TrainerListener> = {}): TrainerListener {
  const nothing = (): void => undefined;
  return {
    started: nothing,
    progress: nothing,
    checkpoint: nothing,
    signal: new AbortController().signal,
    ...change,
  };
}

const run = (stage: string, params?: TrainerJob['request']['params'], seed?: number) =>
  pool.run(job(stage, params, seed), listener());

async function failure(stage: string, params: TrainerJob['request']['params']): Promise<ApplicationFailure> {
  const error: unknown = await run(stage, params).then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure);
  return error;
}

describe('jobs', () => {
  it('come back with what their stage returned', async () => {
    const { figures } = await run('echo', { text: 'hello' }, 7);
    assert.equal(figures['text'], 'hello');
    assert.equal(figures['seed'], 7);
  });

  it('run in few processes, which are used again', async () => {
    const results = await Promise.all(Array.from({ length: 9 }, (_, seed) => run('echo', {}, seed)));
    assert.deepEqual(
      results.map(({ figures }) => figures['seed']),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.ok(new Set(results.map(({ figures }) => figures['pid'])).size <= 2);
  });

  it('start in the order in which they were asked for', async () => {
    const started: number[] = [];
    const order = [0, 1, 2, 3, 4, 5];
    await Promise.all(
      order.map((seed) => pool.run(job('echo', {}, seed), listener({ started: () => started.push(seed) }))),
    );
    assert.deepEqual(started, order);
  });

  it('tell progress and checkpoints while they run', async () => {
    const progress: Progress[] = [];
    const checkpoints: number[] = [];
    await pool.run(
      job('count', { steps: 3, stepMs: 150 }),
      listener({ progress: (told) => progress.push(told), checkpoint: (at) => checkpoints.push(at) }),
    );
    assert.deepEqual(checkpoints, [1, 2, 3]);
    assert.deepEqual(
      progress.map(({ done }) => done),
      [1, 2, 3],
    );
  });
});

describe('failures', () => {
  const cases = [
    { how: 'data', type: 'DataError', nonRetryable: true, message: /line 7: expected 3 fields, got 2/ },
    { how: 'store', type: 'StoreUnavailableError', nonRetryable: false, message: /the store is away/ },
    { how: 'unforeseen', type: 'Error', nonRetryable: false, message: /nobody thought of this/ },
    {
      how: 'exit',
      type: 'TrainerCrashedError',
      nonRetryable: false,
      message: /path\.fail: .*exit code 3.*about to fail: exit/s,
    },
    {
      how: 'kill',
      type: 'TrainerCrashedError',
      nonRetryable: false,
      message: /signal SIGKILL.*memory.*about to fail: kill/s,
    },
  ];
  for (const { how, type, nonRetryable, message } of cases) {
    it(`of the kind "${how}" is told as ${nonRetryable ? 'final' : 'worth a retry'}`, async () => {
      const error = await failure('fail', { how });
      assert.equal(error.type, type);
      assert.equal(error.nonRetryable, nonRetryable);
      assert.match(error.message, message);
    });
  }

  it('keep their cause', async () => {
    const { cause } = await failure('fail', { how: 'data' });
    assert.equal(cause?.message, 'the cause');
  });

  it('for parameters that the stage refuses are final', async () => {
    const error = await failure('count', { steps: 'many' });
    assert.equal(error.nonRetryable, true);
    assert.match(error.message, /steps/);
  });

  it('for a stage that is not in the registry name those that are', async () => {
    const error = await failure('ecoh', {});
    assert.match(error.message, /expected a stage out of echo, fail, count, spin, got "ecoh"/);
  });

  it('leave the pool working', async () => {
    await failure('fail', { how: 'kill' });
    await failure('fail', { how: 'exit' });
    assert.equal((await run('echo', {}, 3)).figures['seed'], 3);
  });
});

describe('a child that is killed in the middle', () => {
  it('is followed by one that resumes from the checkpoint', async () => {
    const one = job('count', { steps: 6, killAt: 4 });
    await assert.rejects(pool.run(one, listener()), /SIGKILL/);
    assert.deepEqual((await pool.run(one, listener())).figures, { resumed: 4, reached: 6 });
  });
});

describe('cancelling', () => {
  const cases = [
    { name: 'a stage that listens', stage: 'count', params: { steps: 1000, stepMs: 20 } },
    { name: 'a stage that blocks its event loop', stage: 'spin', params: { ms: 20_000 } },
  ];
  for (const { name, stage, params } of cases) {
    it(`ends ${name} with the reason of the cancellation`, async () => {
      const control = new AbortController();
      const reason = new Error('cancelled by the test');
      let underWay: () => void = () => undefined;
      const began = new Promise<void>((resolve) => (underWay = resolve));
      const done = pool.run(job(stage, params), listener({ signal: control.signal, progress: underWay }));
      await began;
      control.abort(reason);
      await assert.rejects(done, reason);
      assert.equal((await run('echo', {}, 5)).figures['seed'], 5);
    });
  }

  it('takes a waiting job out of the queue without starting it', async () => {
    const control = new AbortController();
    const busy = [0, 1].map(() => run('count', { steps: 10, stepMs: 20 }));
    let started = false;
    const waiting = pool.run(
      job('echo'),
      listener({ signal: control.signal, started: () => (started = true) }),
    );
    control.abort(new Error('not any more'));
    await assert.rejects(waiting, /not any more/);
    await Promise.all(busy);
    assert.equal(started, false);
  });

  it('before the job is handed in runs nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(pool.run(job('echo'), listener({ signal })), /too late/);
  });
});

describe('closing a pool', () => {
  it('leaves no process behind, not even a busy one', async () => {
    const other = new ChildPool({ ...pool.options, size: 1 });
    const done = other.run(job('spin', { ms: 20_000 }), listener()).catch((error: unknown) => error);
    while (other.pids.length === 0) await sleep(5);
    const [pid = 0] = other.pids;
    await sleep(300);
    await other.close();
    assert.ok((await done) instanceof ApplicationFailure);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});
