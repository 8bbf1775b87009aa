import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import type { RetrainOutcome } from '../../../contracts/schedule.js';
import { startDev, type DevServices } from '../../../infra/dev.js';
import { renamedToyCsv, toyCsv } from '../../fakes/toyRun.js';
import { repositoryRoot } from '../../paths.js';
import { record } from '../../workflows/recordHistory.js';
import { assay, type Spoken } from '../process.js';

const CONFIG = `name: shop
dataset:
  source: labels.csv
  columns: { id: id, target: label, text: [text], split: split }
  split: { by: column }
clean: { nearDuplicates: { enabled: false } }
importance: { folds: 2, refinements: 0 }
loop: { outerFolds: 2, maxRounds: 0, strengths: [16] }
crossValidate: { folds: 0 }
analyse: { bootstraps: 100 }
schedule: { every: 1h, does: adapt, data: "new/*.csv" }
`;

type Fired = RetrainOutcome & { readonly firing: string };

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip = isBuilt
  ? false
  : 'dist/workflow-bundle.js is missing: type npm run build; schedules that adapt were NOT tested';

describe('a schedule that adapts, on a real server', { skip }, () => {
  let folder: string;
  let services: DevServices;
  let connection: Connection;
  let client: Client;
  const here = (...args: string[]): Promise<Spoken> =>
    assay(args, { cwd: folder, env: { TEMPORAL_ADDRESS: '' } });
  async function answer<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await here(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  }
  const day = (number: number, csv: string): void =>
    writeFileSync(join(folder, 'new', `day-${number}.csv`), csv);
  /** Starts it now, and waits for the end. */
  async function fire(): Promise<Fired> {
    const { firing } = await answer<{ firing: string }>('schedule', 'trigger', 'shop');
    return answer<Fired>('watch', firing);
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-adapting-'));
    mkdirSync(join(folder, 'new'));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    writeFileSync(join(folder, 'labels.csv'), toyCsv(300, 0));
    day(1, toyCsv(300, 0, 8).replace(/^r/gm, 's'));
    services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
    connection = await Connection.connect({ address: services.address });
    client = new Client({ connection });
    const { code, stderr } = await here('run', 'assay.yaml', '--watch');
    assert.equal(code, 0, stderr);
  });
  after(async () => {
    await connection.close();
    await services.stop();
    rmSync(folder, { recursive: true });
  });

  it('says so', async () => {
    assert.equal((await answer<{ what: string }>('schedule', 'create', 'assay.yaml')).what, 'created');
    assert.equal((await answer<{ does: string }>('schedule', 'describe', 'shop')).does, 'adapt');
    assert.match(
      (await here('schedule', 'describe', 'shop')).stdout,
      /does +adapts the champion to new rows/,
    );
  });

  it('keeps the champion where the new rows are like the old ones', async () => {
    const { state, because, adapted, firing, runId } = await fire();
    assert.deepEqual([state, because, adapted?.action], ['completed', ['first'], 'kept'], adapted?.reason);
    assert.equal(runId, firing);
    await record('retrain-adapted', client.workflow.getHandle(firing));
  });

  it('does nothing where no row has come', async () => {
    const { state, firing } = await fire();
    assert.equal(state, 'unchanged');
    const types = (await client.workflow.getHandle(firing).fetchHistory()).events!;
    assert.equal(types.filter(({ eventType }) => Number(eventType) === 10).length, 1); // ActivityTaskScheduled
  });

  it('goes on to a new champion where labels mean something else, without a run', async () => {
    day(2, renamedToyCsv(600));
    const { because, adapted, firing } = await fire();
    assert.deepEqual(
      [because, adapted?.action, adapted?.registered],
      [['data'], 'promoted', 'shop@2'],
      adapted?.reason,
    );
    const moves = await answer<{ version: number; by: string }[]>('models', 'history', 'shop');
    assert.deepEqual(
      moves.map(({ version, by }) => [version, by]).filter(([version]) => version === 2),
      [[2, 'schedule shop']],
    );
    const { firings } = await answer<{ firings: { found: string }[] }>('schedule', 'describe', 'shop');
    assert.equal(firings[0]?.found, 'promoted shop@2');
    const { stdout } = await here('watch', firing);
    assert.match(stdout, /completed: promoted: .*shop@2 is champion/s);
    const runs = await answer<{ runId: string }[]>('runs');
    assert.equal(runs.filter(({ runId }) => runId.startsWith('train/')).length, 1);
  });

  it('waits where too few rows have come, and leaves out what the champion knows', async () => {
    day(3, renamedToyCsv(20).replace(/^n/gm, 'm'));
    const { adapted } = await fire();
    assert.equal(adapted?.action, 'kept');
    assert.match(adapted!.reason, /new rows are 18 to learn from and 2 to judge by.*it waits for more/);
  });
});
