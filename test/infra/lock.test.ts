import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../infra/lock.js';

async function lockFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'below', 'work.lock');
}

/** The number of a process that has just ended. */
async function deadPid(t: TestContext): Promise<number> {
  const child = fork('-', [], { execArgv: ['-e', ''], stdio: 'ignore' });
  const { pid } = child;
  await new Promise((resolve) => child.once('exit', resolve));
  if (pid === undefined) t.skip('no process could be started');
  return pid ?? 0;
}

describe('withLock', () => {
  it('lets one in after the other', async (t) => {
    const file = await lockFile(t);
    let inside = 0;
    const waited: string[] = [];
    const work = async (): Promise<void> => {
      assert.equal(++inside, 1);
      await sleep(30);
      inside--;
    };
    const onWait = (owner: string): void => void waited.push(owner);
    await Promise.all([1, 2, 3].map(() => withLock(file, work, { onWait })));
    assert.equal(waited.length, 2);
    assert.equal(existsSync(file), false);
  });

  it('gives what the work gave, and lets go when it fails', async (t) => {
    const file = await lockFile(t);
    assert.equal(await withLock(file, () => Promise.resolve(7)), 7);
    await assert.rejects(
      withLock(file, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(existsSync(file), false);
  });

  const left = [
    { name: 'of a process of this machine that is gone', host: hostname(), ageMs: 0 },
    { name: 'of another machine that has been silent for minutes', host: 'elsewhere', ageMs: 300_000 },
  ];
  for (const { name, host, ageMs } of left) {
    it(`takes over the lock ${name}`, async (t) => {
      const file = await lockFile(t);
      await withLock(file, () => Promise.resolve()); // makes the folder
      await writeFile(file, JSON.stringify({ pid: await deadPid(t), host }));
      const touched = new Date(Date.now() - ageMs);
      await utimes(file, touched, touched);
      const onWait = (owner: string): void => assert.fail(`waited for ${owner}`);
      assert.equal(await withLock(file, () => Promise.resolve('done'), { onWait }), 'done');
    });
  }

  it('waits for another machine that still touches its lock, until told to stop', async (t) => {
    const file = await lockFile(t);
    await withLock(file, () => Promise.resolve());
    await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere' }));
    const stop = new AbortController();
    const waiting = withLock(file, () => assert.fail('it is not ours'), {
      signal: stop.signal,
      onWait: (owner) => {
        assert.equal(owner, 'process 1 on elsewhere');
        stop.abort();
      },
    });
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
