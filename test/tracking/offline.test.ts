import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTrackers } from '../../tracking/index.js';
import { sampleSummary } from '../fixtures/summary.js';

describe('trackers', () => {
  it('are those that the environment names', () => {
    assert.deepEqual(openTrackers({}), []);
    const named = openTrackers({
      ASSAY_TENSORBOARD_DIR: 'a',
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000',
      ASSAY_TRACKING_DIR: 'b',
    });
    assert.deepEqual(
      named.map(({ name }) => name),
      ['tensorboard', 'mlflow', 'offline'],
    );
  });

  it('leave a folder of plain JSON: history, settings, result, report', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-offline-'));
    try {
      const [tracker] = openTrackers({ ASSAY_TRACKING_DIR: folder });
      const signal = AbortSignal.timeout(10_000);
      const summary = sampleSummary();
      await tracker!.stage(
        {
          runId: summary.runId,
          path: 'loop.1.choose',
          figures: { metric: 0.86, policy: 'clip' },
          atMs: 2500,
        },
        signal,
      );
      await tracker!.finished({ summary, page: Buffer.from('<!doctype html>'), atMs: 3000 }, signal);
      assert.deepEqual(readdirSync(folder), ['offline-run-train_catalogue_20261124-091203']);
      const own = join(folder, readdirSync(folder)[0]!);
      const read = (name: string): string => readFileSync(join(own, name), 'utf8');
      const history = read('history.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, number>);
      assert.deepEqual(history[0], { _timestamp: 2.5, _step: 1, 'loop/choose/metric': 0.86 });
      assert.deepEqual(
        history.filter((row) => 'rounds/accuracy' in row).map((row) => row['rounds/accuracy']),
        [0.8391, 0.8614, 0.8614],
      );
      assert.deepEqual(JSON.parse(read('config.json')), summary.config);
      assert.equal(
        (JSON.parse(read('summary.json')) as Record<string, unknown>)['test/accuracy/weighted'],
        0.8702,
      );
      assert.equal(read('files/report.html'), '<!doctype html>');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
