import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startDev, type DevServices } from '../../infra/dev.js';
import { toyCsv } from '../fakes/toyRun.js';
import { repositoryRoot } from '../paths.js';
import { record } from '../workflows/recordHistory.js';
import { assay, type Spoken } from './process.js';

const CONFIG = `name: shop
dataset:
  source: day-*.csv
  columns: { id: id, target: label, text: [text], split: split }
  split: { by: column }
clean: { nearDuplicates: { enabled: false } }
knowledge: { graph: facts.csv }
importance: { folds: 2, refinements: 0 }
loop: { outerFolds: 2, maxRounds: 0, strengths: [16] }
crossValidate: { folds: 0 }
analyse: { bootstraps: 100 }
schedule: { every: 1h, pauseOnFailure: true }
`;

interface Described {
  readonly paused: boolean;
  readonly note: string | null;
  readonly firings: readonly { id: string; status: string; found: string; runId: string }[];
}

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip = isBuilt
  ? false
  : 'dist/workflow-bundle.js is missing: type npm run build; schedules were NOT tested';

describe('a schedule, on a real server', { skip }, () => {
  let folder: string;
  let services: DevServices;
  let connection: Connection;
  let client: Client;
  let firstRun = '';
  const know = (word: string): void =>
    writeFileSync(join(folder, 'facts.csv'), `subject,relation,object\n${word},is_a,topic0\n`);
  const day = (number: number): string => join(folder, `day-${number}.csv`);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-schedule-'));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    writeFileSync(day(1), toyCsv(300, 0.1));
    know('topic0word1');
    services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
    connection = await Connection.connect({ address: services.address });
    client = new Client({ connection });
  });
  after(async () => {
    await connection.close();
    await services.stop();
    rmSync(folder, { recursive: true });
  });

  const here = (...args: string[]): Promise<Spoken> =>
    assay(args, { cwd: folder, env: { TEMPORAL_ADDRESS: '' } });
  async function answer<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await here(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  }
  const described = (): Promise<Described> => answer('schedule', 'describe', 'shop');
  /** Starts it now, and waits for the end. */
  async function fire(): Promise<{ firing: string; state: string; runId: string; because: string[] }> {
    const { firing } = await answer<{ firing: string }>('schedule', 'trigger', 'shop');
    return answer('watch', firing);
  }

  it('is made once, however often that is asked for', async () => {
    type Put = { what: string; next: string[] };
    const made = await answer<Put>('schedule', 'create', 'assay.yaml');
    assert.equal(made.what, 'created');
    assert.ok(Date.parse(made.next[0]!) > Date.now());
    assert.equal((await answer<Put>('schedule', 'create', 'assay.yaml')).what, 'unchanged');
    const other = await here('schedule', 'create', 'assay.yaml', '--set', 'schedule.every=2h');
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /already, and assay\.yaml says something else\nnext:\n {2}assay schedule update/,
    );
    const update = ['schedule', 'update', 'assay.yaml', '--set', 'seed=7'];
    assert.equal((await answer<Put>(...update)).what, 'updated');
    assert.equal((await answer<Put>(...update)).what, 'unchanged');
  });

  it('starts a run at first, and says so', async () => {
    const { firing, state, runId, because } = await fire();
    assert.deepEqual([state, because], ['completed', ['first']]);
    firstRun = runId;
    assert.match(runId, /^train\/shop\/\d{8}-\d{6}$/);
    const run = await client.workflow.getHandle(runId).describe();
    assert.equal(run.status.name, 'COMPLETED');
    assert.equal(run.memo?.['firing'], firing);
    assert.equal(await run.staticSummary(), 'shop: classification with linear, pvi');
    await record('retrain-completed', client.workflow.getHandle(firing));
  });

  it('does nothing where nothing has changed: visibly, and in one activity', async () => {
    const { firing, state, runId } = await fire();
    assert.deepEqual([state, runId], ['unchanged', firstRun]);
    const handle = client.workflow.getHandle(firing);
    const { searchAttributes, memo } = await handle.describe();
    assert.deepEqual(searchAttributes['AssayStatus'], ['unchanged']);
    assert.deepEqual([memo?.['found'], memo?.['run']], ['nothing has changed', firstRun]);
    const types = (await handle.fetchHistory()).events!.map(({ eventType }) => Number(eventType));
    assert.equal(types.filter((type) => type === 10).length, 1); // ActivityTaskScheduled
    assert.equal(types.filter((type) => type === 29).length, 0); // StartChildWorkflowExecutionInitiated
    const [newest] = (await described()).firings;
    assert.deepEqual([newest?.status, newest?.found], ['unchanged', 'nothing has changed']);
    await record('retrain-unchanged', handle);
  });

  it('starts a run over a new file that its wildcard takes in', async () => {
    const more = toyCsv(330, 0.1).trimEnd().split('\n');
    writeFileSync(day(2), [more[0], ...more.slice(301)].join('\n'));
    const { because, runId } = await fire();
    assert.deepEqual(because, ['data']);
    assert.notEqual(runId, firstRun);
    const { stdout } = await here('show', runId);
    assert.match(stdout, /ingest .*read 330/);
  });

  it('starts a run where what it knows has changed, and no row', async () => {
    know('topic0word2');
    const { firing } = await answer<{ firing: string }>('schedule', 'trigger', 'shop');
    const handle = client.workflow.getHandle(firing);
    while (((await handle.describe()).raw.pendingChildren ?? []).length === 0) await sleep(50);
    await record('retrain-running', handle);
    assert.deepEqual((await answer<{ because: string[] }>('watch', firing)).because, ['data']);
  });

  it('makes up for a range of time one start after the other, and all of them find nothing new', async () => {
    const from = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const before = (await described()).firings.length;
    await answer('schedule', 'backfill', 'shop', '--from', from, '--to', new Date().toISOString());
    let { firings } = await described();
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(500)) {
      ({ firings } = await described());
      const made = firings.slice(0, firings.length - before);
      if (made.length >= 3 && made.every(({ status }) => status === 'unchanged')) return;
    }
    assert.fail(JSON.stringify(firings));
  });

  it('is paused with a note, and resumed', async () => {
    await answer('schedule', 'pause', 'shop', '--note', 'bad feed');
    const { paused, note } = await described();
    assert.deepEqual([paused, note], [true, 'bad feed']);
    assert.match((await here('schedule', 'list')).stdout, /shop\s+paused/);
    await answer('schedule', 'update', 'assay.yaml', '--set', 'seed=8');
    assert.equal((await described()).paused, true);
    await answer('schedule', 'resume', 'shop');
    assert.equal((await described()).paused, false);
  });

  it('waits for an operator where its files are gone, and is found among the blocked', async () => {
    for (const number of [1, 2]) renameSync(day(number), `${day(number)}.away`);
    const { firing } = await answer<{ firing: string }>('schedule', 'trigger', 'shop');
    const watched = await here('watch', firing);
    assert.equal(watched.code, 4);
    assert.match(watched.stdout, /blocked at sourceVersion: DataError: no file matches .*day-\*\.csv/);
    const blocked = await answer<{ runId: string }[]>('runs', '--status', 'blocked');
    assert.deepEqual(
      blocked.map(({ runId }) => runId),
      [firing],
    );
    await record('retrain-blocked', client.workflow.getHandle(firing));
    const again = await here('schedule', 'trigger', 'shop');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /still under way, and its overlap policy lets nothing start beside it/);
    assert.equal((await here('abort', firing)).code, 0);
    assert.equal((await here('watch', firing)).code, 1);
  });

  it('is paused by a failure, where the config says so', async () => {
    let found = await described();
    for (const end = Date.now() + 20_000; Date.now() < end && !found.paused; found = await described())
      await sleep(200);
    assert.equal(found.paused, true);
    assert.match(found.note ?? '', /failure/);
  });

  it('is deleted, and then not found', async () => {
    await answer('schedule', 'delete', 'shop');
    const { code, stderr } = await here('schedule', 'describe', 'shop');
    assert.equal(code, 6);
    assert.match(stderr, /there is no schedule "shop"/);
  });
});
