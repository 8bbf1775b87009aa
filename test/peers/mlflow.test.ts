import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mlflowTracker } from '../../tracking/mlflow.js';
import { createTracking } from '../../tracking/queue.js';
import { runSeries } from '../../tracking/tracker.js';
import { sampleSummary } from '../fixtures/summary.js';

const run = promisify(execFile);
const skip =
  process.env['ASSAY_PEERS'] === '1'
    ? false
    : 'takes an MLflow server from the Python package index: `npm run test:peers`; MLflow was NOT asked';
const READY_WITHIN_MS = 120_000;

/** Everything of a run, by MLflow's own client. */
const READ = `
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name('assay')
runs = client.search_runs([experiment.experiment_id])
run = runs[0]
id = run.info.run_id
print(json.dumps({
  'runs': len(runs), 'status': run.info.status, 'tags': run.data.tags, 'params': run.data.params,
  'series': {name: [[m.step, m.value] for m in client.get_metric_history(id, name)] for name in run.data.metrics},
  'artifacts': sorted(a.path for a in client.list_artifacts(id)),
  'champion': client.get_model_version_by_alias('catalogue', 'champion').run_id == id,
}))`;

/** Python with MLflow: the one that ASSAY_MLFLOW_PYTHON names, else a new virtual environment. */
async function pythonWithMlflow(folder: string): Promise<string> {
  const named = process.env['ASSAY_MLFLOW_PYTHON'];
  if (named) return named;
  await run('python3', ['-m', 'venv', folder]);
  const python = join(folder, 'bin', 'python3');
  await run(python, ['-m', 'pip', '-q', 'install', '--retries', '10', 'mlflow==3.*'], { timeout: 900_000 });
  return python;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a real MLflow server', { skip, timeout: 1_200_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-mlflow-'));
  let python: string;
  let server: ChildProcess;
  let url: string;
  before(async () => {
    python = await pythonWithMlflow(join(folder, 'venv'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const store = [
      '--backend-store-uri',
      `sqlite:///${join(folder, 'mlflow.db')}`,
      '--artifacts-destination',
      join(folder, 'artifacts'),
    ];
    const args = [
      '-m',
      'mlflow',
      'server',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--workers',
      '1',
      ...store,
    ];
    server = spawn(python, args, { stdio: 'ignore', detached: true });
    const deadline = Date.now() + READY_WITHIN_MS;
    while (
      !(await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline) throw new Error('MLflow did not start');
      await sleep(250);
    }
  });
  after(() => {
    pull();
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  });
  /** Ends the server with its workers. */
  function pull(): void {
    if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null)
      process.kill(-server.pid, 'SIGKILL');
  }

  it('has everything that it was told, and training goes on when its plug is pulled', async () => {
    const complaints: string[] = [];
    const tracking = createTracking({
      trackers: [mlflowTracker(url)],
      log: (_, { error }) => complaints.push(String(error)),
      nowMs: Date.now,
      timeoutMs: 60_000,
    });
    const summary = { ...sampleSummary(), registered: { model: 'catalogue@3', promoted: true } };
    const { runId } = summary;
    tracking.stage({ runId, path: 'loop.1.choose', figures: { metric: 0.5 }, atMs: Date.now() });
    tracking.finished(() =>
      Promise.resolve({ summary, page: Buffer.from('<!doctype html>'), atMs: Date.now() }),
    );
    await tracking.flush(120_000);
    assert.deepEqual(complaints, []);
    const { stdout } = await run(python, ['-c', READ, url]);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(found['runs'], 1);
    assert.equal(found['status'], 'FINISHED');
    const series = found['series'] as Record<string, unknown>;
    const { learning } = summary.detail!;
    assert.ok(learning.length > 1, 'curves of several models');
    const shown = runSeries(summary).map(({ name, points }) => [name, points] as const);
    assert.deepEqual(series, Object.fromEntries([...shown, ['loop/choose/metric', [[1, 0.5]]]]));
    assert.equal((found['params'] as Record<string, string>)['loop.outerFolds'], '3');
    assert.deepEqual(found['artifacts'], ['report.html', 'summary.json']);
    assert.equal(found['champion'], true);
    pull();
    tracking.stage({ runId, path: 'loop.2.choose', figures: { metric: 0.6 }, atMs: Date.now() });
    await tracking.flush(60_000);
    assert.equal(complaints.length, 1);
  });
});
