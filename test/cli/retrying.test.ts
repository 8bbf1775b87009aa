import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@temporalio/client';
import { LINEAGE_QUERY, STATUS_QUERY } from '../../contracts/names.js';
import { RunLineage, type RunOutcome, type RunStatus } from '../../contracts/run.js';
import type { RetryPlan } from '../../cli/retryPlan.js';
import { startDev, type DevServices } from '../../infra/dev.js';
import { connect } from '../../infra/temporal/connect.js';
import { toyCsv } from '../fakes/toyRun.js';
import { repositoryRoot } from '../paths.js';
import { assay } from './process.js';

// Heavy: a real server and a worker.

const CONFIG = `name: toy
dataset:
  source: toy.csv
  columns: { id: id, target: label, split: split, text: [text] }
  split: { by: column }
clean: { nearDuplicates: { enabled: false }, exactDuplicates: keep }
importance: { folds: 2, refinements: 0 }
loop: { outerFolds: 2, maxRounds: 1, strengths: [16, 64], flips: 99, policies: [clip] }
crossValidate: { folds: 0 }
analyse: { bootstraps: 100 }
register: { enabled: false } # who is champion by then, a dry run can't tell
`;

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip = isBuilt
  ? false
  : 'dist/workflow-bundle.js is missing: type npm run build; retrying a run was NOT tested';

describe('a run that is done anew from a stage', { skip }, () => {
  let folder: string;
  let services: DevServices;
  let client: Client;
  let close: () => Promise<void>;
  let first = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-retrying-'));
    writeFileSync(join(folder, 'toy.csv'), toyCsv(300, 0.2));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
    const { connection } = await connect({ address: services.address });
    client = new Client({ connection });
    close = () => connection.close();
    const { code, stdout, stderr } = await here('run', 'assay.yaml', '--watch', '--json');
    assert.equal(code, 0, stderr);
    first = (JSON.parse(stdout) as { runId: string }).runId;
  });
  after(async () => {
    await close();
    await services.stop();
    rmSync(folder, { recursive: true });
  });
  const here = (...args: string[]) => assay(args, { cwd: folder, env: { TEMPORAL_ADDRESS: '' } });

  async function plan(...args: string[]): Promise<RetryPlan> {
    const { code, stdout, stderr } = await here('retry', first, ...args, '--dry-run', '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as RetryPlan;
  }

  async function retried(...args: string[]): Promise<RunLineage> {
    const { code, stdout, stderr } = await here('retry', first, ...args, '--json');
    assert.equal(code, 0, stderr);
    const handle = client.workflow.getHandle((JSON.parse(stdout) as { runId: string }).runId);
    await handle.result();
    return RunLineage.parse(await handle.query(LINEAGE_QUERY));
  }

  const running = ({ stages }: RetryPlan): string[] =>
    stages.flatMap(({ shards }) => shards.filter(({ action }) => action === 'run').map(({ path }) => path));
  const ran = ({ shards }: RunLineage): string[] =>
    shards.filter(({ cached }) => !cached).map(({ path }) => path);
  const shardOf = ({ stages }: RetryPlan, path: string) =>
    stages.flatMap(({ shards }) => shards).find((shard) => shard.path === path)!;

  it('runs exactly what the dry run listed after a parameter was changed, and says which one', async () => {
    const set = ['--from', 'report', '--set', 'loop.flips=149', '--set', 'analyse.bootstraps=110'];
    const listed = await plan(...set);
    assert.deepEqual(
      running(listed).filter((path) => path !== 'loop.1.choose'),
      ['ingest', 'profile', 'train.choose', 'analyse', 'gate', 'report'],
    );
    assert.deepEqual(shardOf(listed, 'train.choose').reasons, ['parameter changed: flips 99 → 149']);
    assert.match(shardOf(listed, 'analyse').reasons.join(), /analyse\.bootstraps 100 → 110/);
    assert.deepEqual(shardOf(listed, 'gate').reasons, [
      'input will change: analysis, its producer analyse runs again',
      'input will change: predictions, its producer analyse runs again',
    ]);
    const made = await retried(...set);
    assert.deepEqual(ran(made).sort(), running(listed).sort());
    assert.deepEqual(made.successorOf, { of: first, from: 'report' });
  });

  it('does the stage and all later ones anew, to the same bytes where nothing changed', async () => {
    const listed = await plan('--from', 'loop.1');
    const made = await retried('--from', 'loop.1');
    assert.deepEqual(ran(made).sort(), running(listed).sort());
    assert.ok(!running(listed).some((path) => /^(train|importance|featurize)/.test(path)));
    const before = RunLineage.parse(await client.workflow.getHandle(first).query(LINEAGE_QUERY));
    for (const path of ['loop.1.choose', 'analyse', 'gate']) {
      assert.ok(shardOf(listed, path).sameBytes, path);
      const outputs = [before, made].map(
        ({ shards }) => shards.find((shard) => shard.path === path)!.outputs,
      );
      assert.deepEqual(outputs[0], outputs[1], path);
    }
  });

  it('links both in the memo and in the report', async () => {
    const { stdout } = await here('retry', first, '--from', 'gate', '--json');
    const { runId } = JSON.parse(stdout) as { runId: string };
    const { memo } = await client.workflow.getHandle(runId).describe();
    assert.deepEqual([memo?.['successorOf'], memo?.['retriedFrom']], [first, 'gate']);
    const watched = await here('watch', runId, '--json');
    const { reportPath } = JSON.parse(watched.stdout) as { reportPath: string };
    assert.ok(readFileSync(reportPath, 'utf8').includes(`anew from gate of ${first}`));
  });

  it('refuses a stage that the run does not have, and names those that it has', async () => {
    const { code, stderr } = await here('retry', first, '--from', 'loop.7');
    assert.equal(code, 2);
    assert.match(stderr, /no stage "loop\.7"; it has ingest, clean, featurize, profile, train/);
  });

  it('says what a blocked stage would redo; its successor ends it', async () => {
    const { code, stdout } = await here(
      'run',
      'assay.yaml',
      '--set',
      'clean.minTextLength=900',
      '--watch',
      '--json',
    );
    assert.equal(code, 4);
    const { runId } = JSON.parse(stdout) as { runId: string };
    const asked = await here('retry', runId, '--dry-run', '--set', 'clean.minTextLength=1');
    assert.match(
      asked.stdout,
      /would run again:\n {2}profile {2}1 of 1\n.*\n {2}report {2}1 of 1\n.*\nfrom the cache: clean, featurize/,
    );
    assert.match(asked.stdout, /done in this run, not asked again: ingest/);
    const next = await here('retry', runId, '--from', 'clean', '--set', 'clean.minTextLength=1', '--json');
    assert.equal(next.code, 0, next.stderr);
    const successor = (JSON.parse(next.stdout) as { runId: string }).runId;
    await assert.rejects(client.workflow.getHandle(runId).result(), (error: Error) => {
      assert.ok(String(error.cause).includes(`${successor} takes over`), String(error.cause));
      return true;
    });
    await client.workflow.getHandle(successor).result();
    const { successorOf } = await client.workflow.getHandle(successor).query<RunStatus>(STATUS_QUERY);
    assert.deepEqual(successorOf, { of: runId, from: 'clean' });
  });

  it('retries every blocked run that fits a query, once somebody says yes', async () => {
    const blocked = ['one', 'two'].map((name) =>
      here('run', 'assay.yaml', '--set', `name=${name}`, '--set', 'clean.minTextLength=900', '--watch'),
    );
    for (const { code } of await Promise.all(blocked)) assert.equal(code, 4);
    const all = ['retry', '--query', "AssayStage = 'clean'", '--set', 'clean.minTextLength=1'];
    const planned = await here(...all, '--dry-run');
    assert.equal(planned.code, 0, planned.stderr);
    assert.match(planned.stdout, /✓ train\/one\/\S+ {2}clean {2}2 of \d+ stages, 2 of \d+ shards/);
    assert.match(planned.stdout, /2 of 2 blocked runs would be retried/);
    const unsure = await here(...all);
    assert.equal(unsure.code, 2);
    assert.match(unsure.stderr, /2 blocked runs fit; nothing was retried/);
    const { code, stdout } = await here(...all, '--yes', '--json');
    assert.equal(code, 0);
    const { runs } = JSON.parse(stdout) as { runs: { runId: string; ok: boolean }[] };
    for (const { runId, ok } of runs) {
      assert.ok(ok);
      await client.workflow.getHandle(runId).result();
    }
    assert.equal((await here(...all, '--yes')).code, 6);
  });

  it('can be started with a priority, stopped, and approved by a person', async () => {
    const gate = 'gate={ approval: required, margin: 1, maxSliceLoss: 1, minEffectiveSampleSize: 0 }';
    const priority = ['--priority', '2', '--team', 'search'];
    const { stdout } = await here('run', 'assay.yaml', '--set', gate, ...priority, '--json');
    const { runId } = JSON.parse(stdout) as { runId: string };
    const { priority: given } = await client.workflow.getHandle(runId).describe();
    assert.deepEqual([given?.priorityKey, given?.fairnessKey], [2, 'search']);
    const watched = await here('watch', runId);
    assert.equal(watched.code, 4);
    assert.match(watched.stdout, /waiting The model passed the gate/);
    const late = await here('stop', runId);
    assert.equal(late.code, 2);
    assert.match(late.stderr, /the loop has ended: .* assay retry --from loop\.1/);
    const answered = await here('approve', '--note', 'fine', '--by', 'ann');
    assert.match(answered.stdout, /approved by ann/);
    const { figures } = (await client.workflow.getHandle(runId).result()) as RunOutcome;
    assert.equal(figures['approval'], 'approved by ann: fine');
  });
});
