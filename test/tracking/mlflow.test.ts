import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mlflowTracker } from '../../tracking/mlflow.js';
import { createTracking } from '../../tracking/queue.js';
import { sampleSummary } from '../fixtures/summary.js';
import { fakeMlflow } from './fakeMlflow.js';

const signal = AbortSignal.timeout(60_000);
const summary = { ...sampleSummary(), registered: { model: 'catalogue@3', promoted: true } };
const page = Buffer.from('<!doctype html>');
const { runId } = summary;

describe('MLflow is told', () => {
  it('of one run by many workers, with settings, metrics by round, the report, and the champion', async () => {
    const server = await fakeMlflow();
    const [first, second] = [mlflowTracker(server.url), mlflowTracker(server.url)];
    await first.stage(
      { runId, path: 'train.choose', figures: { metric: 0.84, policy: 'uniform' }, atMs: 1000 },
      signal,
    );
    await second.stage({ runId, path: 'loop.1.choose', figures: { metric: 0.86 }, atMs: 2000 }, signal);
    await second.finished({ summary, page, atMs: 3000 }, signal);
    server.close();
    assert.equal(server.runs.size, 1);
    const [run] = [...server.runs.values()];
    assert.equal(run!.status, 'FINISHED');
    assert.equal(run!.params['loop.outerFolds'], '3');
    const of = (key: string) => run!.metrics.filter((one) => one.key === key);
    assert.deepEqual(of('loop/choose/metric'), [
      { key: 'loop/choose/metric', value: 0.86, timestamp: 2000, step: 1 },
    ]);
    assert.deepEqual(
      of('rounds/accuracy').map(({ step, value }) => [step, value]),
      [
        [0, 0.8391],
        [1, 0.8614],
        [2, 0.8614],
      ],
    );
    assert.equal(run!.artifacts['report.html'], '<!doctype html>');
    assert.equal((JSON.parse(run!.artifacts['summary.json']!) as typeof summary).runId, runId);
    assert.deepEqual(server.versions, [{ name: 'catalogue', run_id: 'r0', alias: 'champion' }]);
    assert.match(run!.tags['mlflow.note.content']!, /accuracy 0\.870/);
  });

  it('again without harm: the same settings, the next version of the same model', async () => {
    const server = await fakeMlflow();
    const tracker = mlflowTracker(server.url);
    await tracker.finished({ summary, page, atMs: 1 }, signal);
    await tracker.finished(
      { summary: { ...summary, registered: { model: 'catalogue@4', promoted: false } }, page, atMs: 2 },
      signal,
    );
    server.close();
    assert.deepEqual(
      server.versions.map(({ alias }) => alias),
      ['champion', undefined],
    );
  });

  it('with user and password as a header, never in an address', async () => {
    const server = await fakeMlflow();
    const tracker = mlflowTracker(server.url.replace('://', '://dana:p%40ss@'));
    await tracker.stage({ runId, path: 'ingest', figures: { rows: 7 }, atMs: 1 }, signal);
    server.close();
    const header = `Basic ${Buffer.from('dana:p@ss').toString('base64')}`;
    assert.ok(
      server.asked.length > 0 && server.asked.every((one) => one.startsWith(header) && !one.includes('dana')),
    );
  });

  it('or not, when its plug is pulled: one complaint, then silence for a while, and no call fails', async () => {
    const server = await fakeMlflow();
    const complaints: string[] = [];
    let now = 0;
    const tracking = createTracking({
      trackers: [mlflowTracker(server.url)],
      log: (_, { error }) => complaints.push(String(error)),
      nowMs: () => now,
      pauseMs: 1000,
    });
    tracking.stage({ runId, path: 'ingest', figures: { rows: 7 }, atMs: 1 });
    await tracking.flush(10_000);
    server.close();
    tracking.stage({ runId, path: 'clean', figures: { kept: 6 }, atMs: 2 });
    tracking.stage({ runId, path: 'featurize', figures: { features: 5 }, atMs: 3 });
    await tracking.flush(10_000);
    assert.equal(complaints.length, 1, 'one complaint, then silence');
    now = 2000;
    tracking.finished(() => Promise.resolve({ summary, page, atMs: 4 }));
    await tracking.flush(10_000);
    assert.equal(complaints.length, 2);
    const [run] = [...server.runs.values()];
    assert.deepEqual(
      run!.metrics.map(({ key }) => key),
      ['ingest/rows'],
    );
  });
});
