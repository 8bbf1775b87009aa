import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDev, type DevServices } from '../../infra/dev.js';
import { repositoryRoot } from '../paths.js';
import { assay, assayProcess } from './process.js';

const CONFIG = `name: shop
dataset:
  source: builtin:synthetic_tiny
  columns: { id: id, target: category, split: split, group: product, text: [query, title] }
  split: { by: column }
importance: { folds: 2, refinements: 0 }
loop: { outerFolds: 2, maxRounds: 1, strengths: [1], flips: 99, policies: [clip] }
crossValidate: { folds: 0 }
analyse: { bootstraps: 100 }
`;
const TOPICS = ['refund money back', 'parcel is late', 'password reset mail'];
const ROWS = Array.from({ length: 150 }, (_, i) => `${TOPICS[i % 3]} number ${i},intent ${i % 3}`);
const BOARD = '--table rows.csv --target intent --estimators pvi,random --seeds 1 --size 60/30/40';

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip = isBuilt
  ? false
  : 'dist/workflow-bundle.js is missing: type npm run build; the page was NOT tested';

describe('assay ui over a real server', { skip }, () => {
  let folder: string;
  let services: DevServices;
  const ended: (() => Promise<void>)[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-ui-'));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    writeFileSync(join(folder, 'rows.csv'), `body,intent\n${ROWS.join('\n')}\n`);
    services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
  });
  after(async () => {
    for (const end of ended) await end();
    await services.stop();
    rmSync(folder, { recursive: true });
  });
  const surroundings = { TEMPORAL_ADDRESS: '', TEMPORAL_UI_URL: '' };
  const here = (...args: string[]) => assay(args, { cwd: folder, env: surroundings });

  /** Starts the page, and answers what is at a path of it. */
  async function startPage(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<(path: string) => Promise<string>> {
    const options = { cwd: folder, env: { ...surroundings, ...env } };
    const child = assayProcess(['ui', '--port', '0', '--json', ...args], options);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    ended.push(() => (child.kill('SIGTERM'), closed));
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith('}\n')) resolve((JSON.parse(text) as { url: string }).url);
      });
      void closed.then(() => reject(new Error(`assay ui ended: ${text}`)));
    });
    return async (path) => {
      const answer = await fetch(new URL(path, url));
      assert.equal(answer.status, 200, path);
      return answer.text();
    };
  }

  it('shows the list, a run with its link to Temporal, its report, and a leaderboard', async () => {
    const ran = await here('run', 'assay.yaml', '--watch', '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const { runId } = JSON.parse(ran.stdout) as { runId: string };
    const ranked = await here('benchmark', ...BOARD.split(' '), '--watch', '--json');
    assert.equal(ranked.code, 0, ranked.stderr);

    const page = await startPage();
    const list = await page('/');
    assert.ok(list.includes(runId), list);
    const { runId: boardId } = JSON.parse(ranked.stdout) as { runId: string };
    assert.ok(list.includes(boardId), list);
    const board = `/runs/${encodeURIComponent(boardId)}`;
    const path = `/runs/${encodeURIComponent(runId)}`;
    const shown = await page(path);
    assert.match(shown, /completed/);
    assert.ok(shown.includes(`${path}/report`), shown);
    const workflow = `/namespaces/default/workflows/${encodeURIComponent(runId)}`;
    assert.ok(shown.includes(`${services.uiUrl}${workflow}`), shown);
    assert.match(await page(`${path}/report`), /^<!doctype html>[\s\S]*shop/i);
    assert.match(await page(`${board}/report`), /^<!doctype html>[\s\S]*pvi/i);

    for (const [args, env] of [
      [['--temporal-ui', 'https://temporal.example.com/ui/'], {}],
      [[], { TEMPORAL_UI_URL: 'https://temporal.example.com/ui' }],
    ] as const) {
      const linked = await (await startPage(args, env))(path);
      assert.ok(linked.includes(`https://temporal.example.com/ui${workflow}`), linked);
    }
  });

  for (const address of ['temporal', 'javascript:alert(1)', 'ftp://temporal']) {
    it(`refuses ${address} as an address of Temporal's UI`, async () => {
      const given = await here('ui', '--temporal-ui', address);
      assert.equal(given.code, 2);
      assert.match(given.stderr, /expected an address like https/);
      const env = { ...surroundings, TEMPORAL_UI_URL: address };
      const { code, stderr } = await assay(['ui'], { cwd: folder, env });
      assert.equal(code, 2);
      assert.match(stderr, /TEMPORAL_UI_URL: found/);
    });
  }
});
