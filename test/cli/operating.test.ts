import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RunStatus } from '../../contracts/run.js';
import { RunSummary } from '../../contracts/summary.js';
import { startDev, type DevServices } from '../../infra/dev.js';
import { repositoryRoot } from '../paths.js';
import { assay } from './process.js';

/** Cleaning leaves nothing of it, until somebody answers with another setting. */
const CONFIG = `name: shop
dataset:
  source: builtin:synthetic_tiny
  columns: { id: id, target: category, split: split, group: product, text: [query, title] }
  split: { by: column }
clean: { minTextLength: 900 }
importance: { folds: 2, refinements: 0 }
loop: { outerFolds: 2, maxRounds: 1, strengths: [1], flips: 99, policies: [clip] }
crossValidate: { folds: 0 }
analyse: { bootstraps: 100 }
`;

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip = isBuilt
  ? false
  : 'dist/workflow-bundle.js is missing: type npm run build; operating a run was NOT tested';

describe('a run on a real server, operated from the command line', { skip }, () => {
  let folder: string;
  let services: DevServices;
  let runId = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-operating-'));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
  });
  after(async () => {
    await services.stop();
    rmSync(folder, { recursive: true });
  });
  // Without TEMPORAL_ADDRESS the commands find the server of this folder by themselves.
  const here = (...args: string[]) => assay(args, { cwd: folder, env: { TEMPORAL_ADDRESS: '' } });

  it('blocks with exit code 4, the error and the commands to type', async () => {
    const { code, stdout, stderr } = await here('run', 'assay.yaml', '--watch');
    assert.equal(code, 4, stderr);
    assert.match(stdout, /blocked at clean: DataError: 0 train rows are left after cleaning/);
    runId = /assay retry (train\/shop\/\S+) --stage clean/.exec(stdout)?.[1] ?? '';
    assert.match(runId, /^train\/shop\/\d{8}-\d{6}$/);
  });

  it('is listed as blocked', async () => {
    const { code, stdout } = await here('runs', '--status', 'blocked', '--json');
    assert.equal(code, 0);
    const [run] = JSON.parse(stdout) as { runId: string; status: string; stage: string }[];
    assert.deepEqual([run?.runId, run?.status, run?.stage], [runId, 'blocked', 'clean']);
  });

  it('refuses an answer that does not fit, in one sentence', async () => {
    const { code, stderr } = await here('skip', 'shop');
    assert.equal(code, 2);
    assert.match(stderr, /"clean" can't be skipped/);
    assert.match(
      (await here('retry', '--set', 'clean.minTextLenght=1')).stderr,
      /did you mean "minTextLength"/,
    );
  });

  it('goes on with a new setting to its end, and tells scripts what came of it', async () => {
    assert.equal((await here('retry', '--set', 'clean.minTextLength=1')).code, 0);
    const { code, stdout, stderr } = await here('watch', 'shop', '--json');
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout) as {
      state: string;
      summary: { analysis: { arms: unknown[] } };
      detection: { rocAuc: number; planted: number };
      reportPath: string;
    };
    assert.equal(result.state, 'completed');
    assert.equal(result.summary.analysis.arms.length, 3);
    assert.ok(
      result.detection.planted > 50 && result.detection.rocAuc > 0.9,
      JSON.stringify(result.detection),
    );
    assert.match(readFileSync(result.reportPath, 'utf8'), /^<!doctype html>/);
    const document = readFileSync(result.reportPath.replace(/html$/, 'json'), 'utf8');
    assert.ok(RunSummary.parse(JSON.parse(document)).runId.startsWith('train/'));
  });

  it('tells its result alone under --quiet, and its stages besides without', async () => {
    const quiet = await here('watch', 'shop', '-q');
    const full = await here('watch', 'shop');
    assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
    assert.ok(full.stdout.endsWith(`\n${quiet.stdout}`), full.stdout);
    assert.match(quiet.stdout, /^report +\S+\.html$/m);
    assert.doesNotMatch(quiet.stdout, /✓ clean/);
    assert.match(full.stdout, /✓ clean/);
  });

  it('writes its report again without a server', async () => {
    const out = join(folder, 'page.html');
    const { code, stdout } = await assay(['report', 'shop', '--out', out, '--json'], { cwd: folder });
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { path: string }).path, out);
    assert.ok(existsSync(out));
  });

  it('can be cancelled while it waits, with exit code 5 for who watches', async () => {
    assert.equal((await here('run', 'assay.yaml', '--watch')).code, 4);
    const shown = JSON.parse((await here('show', 'shop', '--json')).stdout) as { state: string };
    assert.equal(shown.state, 'blocked');
    assert.equal((await here('cancel', 'shop')).code, 0);
    assert.equal((await here('watch', 'shop')).code, 5);
  });

  it('answers the query with what the contract says', async () => {
    const { stdout } = await here('run', 'assay.yaml', '--json');
    const started = JSON.parse(stdout) as { runId: string; waitingForWorkers: string[] };
    assert.deepEqual(started.waitingForWorkers, []);
    const { status } = JSON.parse((await here('show', started.runId, '--json')).stdout) as {
      status?: unknown;
    };
    if (status) assert.doesNotThrow(() => RunStatus.parse(status));
    await here('watch', started.runId);
    assert.equal((await here('abort', started.runId)).code, 0);
  });

  it('there is no run of that name: exit code 6', async () => {
    const { code, stderr } = await here('show', 'nosuch');
    assert.equal(code, 6);
    assert.match(stderr, /next:\n {2}assay show train\/shop\//);
  });
});
