import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { createTracking, type TrackingOptions } from '../../tracking/queue.js';
import type { TrackedStage, Tracker } from '../../tracking/tracker.js';

const stage = (path: string): TrackedStage => ({ runId: 'train/toy/1', path, figures: { n: 1 }, atMs: 0 });

/** A tracker that notes what it is told, after what `act` does. */
function noted(name: string, act: (path: string) => Promise<void> | void = () => undefined) {
  const told: string[] = [];
  const tracker: Tracker = {
    name,
    stage: async ({ path }) => {
      await act(path);
      told.push(path);
    },
    finished: ({ summary }) => {
      told.push(`finished ${summary.runId}`);
      return Promise.resolve();
    },
  };
  return { tracker, told };
}

function tracked(trackers: readonly Tracker[], more: Partial<TrackingOptions> = {}) {
  const complaints: string[] = [];
  let now = 0;
  const tracking = createTracking({
    trackers,
    log: (message, { tracker, error }) => complaints.push(`${String(tracker)}: ${message}: ${String(error)}`),
    nowMs: () => now,
    ...more,
  });
  return { tracking, complaints, pass: (ms: number) => (now += ms) };
}

describe('tracking', () => {
  it('tells every tracker everything, in order', async () => {
    const [a, b] = [noted('a', () => sleep(1)), noted('b')];
    const { tracking } = tracked([a.tracker, b.tracker]);
    for (const path of ['ingest', 'clean', 'train']) tracking.stage(stage(path));
    await tracking.flush(5000);
    assert.deepEqual(
      [a.told, b.told],
      [
        ['ingest', 'clean', 'train'],
        ['ingest', 'clean', 'train'],
      ],
    );
  });

  it('never throws, never waits, and lets no tracker suffer from another', async () => {
    const bad = noted('bad', () => Promise.reject(new Error('connect ECONNREFUSED')));
    const throwing = noted('throwing', () => {
      throw new Error('at once');
    });
    const good = noted('good');
    const { tracking, complaints } = tracked([bad.tracker, throwing.tracker, good.tracker]);
    tracking.stage(stage('ingest'));
    assert.deepEqual(good.told, [], 'nothing is told before the caller goes on');
    tracking.finished(() => Promise.reject(new Error('no summary')));
    await tracking.flush(5000);
    assert.deepEqual(good.told, ['ingest']);
    assert.match(
      complaints.join('\n'),
      /bad: tracking failed; training goes on: Error: connect ECONNREFUSED/,
    );
  });

  it('gives up a call that hangs, and leaves the tracker alone for a while', async () => {
    let hangs = true;
    const slow = noted('slow', () => (hangs ? new Promise<void>(() => undefined) : undefined));
    const { tracking, complaints, pass } = tracked([slow.tracker], { timeoutMs: 20, pauseMs: 1000 });
    tracking.stage(stage('ingest'));
    await tracking.flush(5000);
    assert.equal(complaints.length, 1);
    hangs = false;
    tracking.stage(stage('clean')); // in the pause
    await tracking.flush(5000);
    assert.deepEqual(slow.told, []);
    pass(1001);
    tracking.stage(stage('train'));
    await tracking.flush(5000);
    assert.deepEqual(slow.told, ['train']);
  });

  it('forgets the oldest when a tracker can not keep up', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = noted('slow', (path) => (path === '0' ? gate : undefined));
    const { tracking } = tracked([slow.tracker], { most: 3 });
    tracking.stage(stage('0'));
    await sleep(1);
    for (let i = 1; i <= 10; i++) tracking.stage(stage(String(i)));
    release();
    await tracking.flush(5000);
    assert.deepEqual(slow.told, ['0', '8', '9', '10']);
  });

  it('waits no longer at the end than it was told', async () => {
    const stuck = noted('stuck', () => new Promise<void>(() => undefined));
    const { tracking } = tracked([stuck.tracker]);
    tracking.stage(stage('ingest'));
    await tracking.flush(10);
    assert.deepEqual(stuck.told, []);
  });
});
