import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Client } from '@temporalio/client';
import { startDev, type DevOptions } from '../../infra/dev.js';
import { readDevState } from '../../infra/devState.js';
import { freePorts } from '../../infra/freePort.js';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';
import { connect } from '../../infra/temporal/connect.js';
import { bundleToyWorkflows } from '../workers/toyWorker.js';

let directory = '';
let options: DevOptions = {};

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-dev-'));
  options = {
    directory,
    processes: 1,
    worker: {
      stagesModule: pathToFileURL(modulePath(import.meta.url, '../workers/toyStages')).href,
      workflowBundle: await bundleToyWorkflows(directory),
      codeVersions: { echo: 'e1' },
    },
  };
});

after(() => rm(directory, { recursive: true, force: true }));

async function echo(address: string, text: string): Promise<unknown> {
  const { connection } = await connect({ address });
  try {
    const client = new Client({ connection });
    const request = { runId: 'run', path: 'echo', stage: 'echo', seed: 1, params: { text }, inputs: {} };
    const results: unknown = await client.workflow.execute('inOrder', {
      taskQueue: 'assay-workflow',
      workflowId: `echo-${text}`,
      args: [[request]],
    });
    return (results as { figures: { text: string } }[])[0]?.figures.text;
  } finally {
    await connection.close();
  }
}

/** Process ids of everything that has the directory in its command line. */
async function processesOf(name: string): Promise<number[]> {
  const { execFile } = await import('node:child_process');
  const listing = await new Promise<string>((resolve, reject) =>
    execFile('ps', ['-eo', 'pid=,args='], { maxBuffer: 1 << 24 }, (error, out) =>
      error === null ? resolve(out) : reject(error),
    ),
  );
  const own = listing.split('\n').filter((line) => line.includes(name));
  return own.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid);
}

async function untilNobodyIsLeft(name: string): Promise<void> {
  while ((await processesOf(name)).length > 0) await sleep(50);
}

describe('the dev services', () => {
  it('run a workflow, and start again with what they knew', async () => {
    const first = await startDev(options);
    assert.equal(await echo(first.address, 'one'), 'one');
    await first.stop();
    const second = await startDev(options);
    const { connection } = await connect({ address: second.address });
    const handle = new Client({ connection }).workflow.getHandle('echo-one');
    assert.equal((await handle.describe()).status.name, 'COMPLETED');
    await connection.close();
    await second.stop();
    await untilNobodyIsLeft(directory);
    assert.equal(readDevState(directory), undefined);
  });

  it('bring the worker back when it is killed', async () => {
    const lines: string[] = [];
    const services = await startDev({ ...options, log: (line) => lines.push(line) });
    const pid = services.workerPid();
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    assert.equal(await echo(services.address, 'after the kill'), 'after the kill');
    assert.notEqual(services.workerPid(), pid);
    assert.match(lines.join('\n'), /the worker ended with SIGKILL; it starts again in 200 ms/);
    await services.stop();
  });

  it('are used, not started twice, where they run for the directory already', async () => {
    const first = await startDev(options);
    const second = await startDev(options);
    assert.equal(second.address, first.address);
    assert.equal(second.isForeign, true);
    await second.stop();
    assert.equal(await echo(first.address, 'still there'), 'still there');
    const [port = 0] = await freePorts(1);
    await assert.rejects(startDev({ ...options, port }), /is in use by process .*Temporal at 127\.0\.0\.1/);
    await first.stop();
  });

  it('refuse a port that something else listens on', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await assert.rejects(startDev({ ...options, port }), new RegExp(`port ${String(port)} .* is in use`));
    blocker.close();
    assert.equal(readDevState(directory), undefined);
  });

  it('say why the worker did not start, and leave nothing behind', async () => {
    const worker = { ...options.worker, stagesModule: 'file:///no/such/stages.js' };
    await assert.rejects(startDev({ ...options, worker }), /before it was ready: .*stages\.js/s);
    await untilNobodyIsLeft(directory);
  });

  it('end with the process that runs them, even when that is killed', async () => {
    const host = fork(modulePath(import.meta.url, './devHost'), [JSON.stringify(options)], {
      execArgv: inheritedNodeFlags(),
    });
    await firstMessage(host);
    assert.ok((await processesOf(directory)).length >= 3);
    host.kill('SIGKILL');
    await untilNobodyIsLeft(directory);
    assert.equal(readDevState(directory), undefined);
  });
});

describe('the state of dev services', () => {
  it('that was cut off in the middle of writing counts as none', async () => {
    await writeFile(join(directory, 'dev.json'), '{"pid": 1');
    assert.equal(readDevState(directory), undefined);
    const services = await startDev(options);
    const state = JSON.parse(await readFile(join(directory, 'dev.json'), 'utf8')) as { address: string };
    assert.equal(state.address, services.address);
    await services.stop();
  });
});

function firstMessage(host: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    host.once('message', resolve);
    host.once('exit', (code) => reject(new Error(`it ended with ${String(code)}`)));
  });
}
