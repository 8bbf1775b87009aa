import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDevState } from '../../infra/devState.js';
import { freePorts } from '../../infra/freePort.js';
import { startTemporalServer } from '../../infra/temporal/startServer.js';
import { repositoryRoot } from '../paths.js';
import { assay, assayProcess } from '../cli/process.js';
import { isAlive } from './cluster.js';

// Heavy: each starts a real server and workers.

const isBuilt = existsSync(join(repositoryRoot, 'dist', 'workflow-bundle.js'));
const skip =
  !existsSync('/proc') || !isBuilt
    ? '/proc or dist/workflow-bundle.js is missing (npm run build): stopping the demo was NOT tested'
    : false;

/** Parents of all processes. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      found.set(Number(name), Number(/\) \S (\d+)/.exec(stat)?.[1]));
    } catch {
      continue; // it has ended meanwhile
    }
  }
  return found;
}

function descendants(root: number): number[] {
  const all = parents();
  const below = (pid: number): number[] =>
    [...all].flatMap(([child, parent]) => (parent === pid ? [child, ...below(child)] : []));
  return below(root);
}

async function allGone(pids: readonly number[], withinMs: number): Promise<number[]> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    if (!pids.some(isAlive)) return [];
  }
  return pids.filter(isAlive);
}

interface Demo {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  /** Server, guard, worker and trainers. */
  readonly below: readonly number[];
  readonly runId: string;
  said(): string;
}

/** A demo in a folder of its own, in the middle of its run. */
async function demoInTheMiddle(t: TestContext): Promise<Demo> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'assay-demo-')));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const child = assayProcess(['demo', '--data', 'synthetic_tiny'], {
    cwd: folder,
    env: { TEMPORAL_ADDRESS: '' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!/▸ (train|importance) /.test(said)) {
    assert.ok(!isOver, said);
    await sleep(20);
  }
  const below = descendants(child.pid!);
  assert.ok(below.length >= 4, `expected guard, server, worker and trainers, found ${below.join(', ')}`);
  return { folder, child, ended, below, runId: /train\/\S+/.exec(said)![0], said: () => said };
}

/** States of the folder's runs, from a server without a worker. */
async function statesIn(folder: string): Promise<Record<string, string>> {
  const [port = 0, uiPort = 0] = await freePorts(2);
  const databaseFile = join(folder, '.assay', 'temporal.db');
  const server = await startTemporalServer({ databaseFile, port, uiPort });
  try {
    const { stdout, stderr, code } = await assay(['runs', '--json'], {
      cwd: folder,
      env: { TEMPORAL_ADDRESS: server.address },
    });
    assert.equal(code, 0, stderr);
    const runs = JSON.parse(stdout) as { runId: string; status: string }[];
    return Object.fromEntries(runs.map(({ runId, status }) => [runId, status]));
  } finally {
    await server.stop();
  }
}

describe('the demo, stopped in the middle', { skip }, () => {
  it('by Ctrl-C: cancels its run, leaves no process, says where things stay', async (t) => {
    const { folder, child, ended, below, runId, said } = await demoInTheMiddle(t);
    child.kill('SIGINT');
    child.kill('SIGINT'); // npx passes on what the terminal has sent already
    assert.equal(await ended, 130, said());
    assert.deepEqual(await allGone(below, 2_000), [], said());
    assert.ok(said().includes(`stopping ${runId}`), said());
    assert.ok(said().includes(join(folder, '.assay', 'store')), said());
    assert.equal(readDevState(join(folder, '.assay')), undefined);
    assert.deepEqual(await statesIn(folder), { [runId]: 'cancelled' });
  });

  it('by kill -9: leaves no process, and the folder is free again', async (t) => {
    const { folder, child, ended, below, runId } = await demoInTheMiddle(t);
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL');
    assert.deepEqual(await allGone(below, 15_000), []);
    assert.deepEqual(await statesIn(folder), { [runId]: 'running' });
  });
});
