import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../infra/freePort.js';
import { startTemporalServer, type TemporalServer } from '../../../infra/temporal/startServer.js';
import { repositoryRoot } from '../../paths.js';
import { parseDockerfile } from './dockerfile.js';
import { asUser, replayImage, type Replayed } from './replay.js';

const READY_WITHIN_MS = 90_000;
const isBuilt = existsSync(join(repositoryRoot, 'dist/workflow-bundle.js'));
const skip =
  process.platform !== 'linux'
    ? 'images are Linux: nothing was replayed'
    : isBuilt
      ? false
      : 'dist/ is missing (npm run build): the images were NOT replayed';

describe('the image for CPUs, its steps replayed in a folder', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-image-'));
  const children: ChildProcess[] = [];
  let image: Replayed;
  let server: TemporalServer;
  before(async () => {
    chmodSync(folder, 0o755);
    image = replayImage(join(repositoryRoot, 'infra/images/cpu.Dockerfile'), folder);
    server = await startTemporalServer();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...{ PATH: process.env['PATH'], HOME: '/nonexistent', ...image.environment, ...more },
  });
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess => {
    const [program = '', ...words] = image.entry;
    const child = spawn(program === 'node' ? process.execPath : program, [...words, ...args], {
      ...{ cwd: image.workingDirectory, env: environment(more), stdio: ['ignore', 'pipe', 'pipe'] },
      ...asUser(image),
    });
    children.push(child);
    return child;
  };

  it('holds what runs, and nothing that only builds and tests', () => {
    for (const path of ['bin/assay.js', 'dist/cli/main.js', 'dist/workflow-bundle.js', 'node_modules/zod'])
      assert.ok(existsSync(image.place(join('/opt/assay', path))), path);
    for (const path of [
      '.git',
      '.assay',
      'node_modules/typescript',
      'node_modules/eslint',
      'node_modules/tsx',
    ])
      assert.ok(!existsSync(image.place(join('/opt/assay', path))), path);
  });

  it('answers /readyz as a user that may write one folder alone, and ends when it is told to', async () => {
    const [port] = await freePorts(1);
    const args = [...image.command, '--health', `127.0.0.1:${String(port)}`, '--grace', '5s'];
    const worker = start(args, { TEMPORAL_ADDRESS: server.address });
    const said: string[] = [];
    worker.stderr!.on('data', (bytes: Buffer) => said.push(String(bytes)));
    worker.stdout!.on('data', (bytes: Buffer) => said.push(String(bytes)));
    const ended = new Promise<number | null>((resolve) => worker.once('exit', resolve));
    await untilReady(`http://127.0.0.1:${String(port)}/readyz`, ended, said);
    worker.kill('SIGTERM');
    assert.equal(await ended, 0, said.join(''));
    if (asUser(image).uid === undefined) return;
    const written = execFileSync('find', [
      folder,
      '-user',
      '1000',
      '-newer',
      image.place('/opt/assay/package.json'),
    ]);
    for (const path of String(written).trim().split('\n'))
      assert.ok(path.startsWith(image.place('/var/lib/assay')), `${path} was written`);
  });

  it('is every other command too', async () => {
    const child = start(['--version']);
    let said = '';
    child.stdout!.on('data', (bytes: Buffer) => (said += String(bytes)));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.deepEqual([code, /^\d+\.\d+\.\d+$/u.test(said.trim())], [0, true], said);
  });
});

describe('the image for GPUs', () => {
  it('is the same but for TensorFlow with CUDA, and a worker of its own queue', () => {
    const stepsOf = (name: string): string[] =>
      parseDockerfile(readFileSync(join(repositoryRoot, `infra/images/${name}.Dockerfile`), 'utf8')).flatMap(
        ({ steps }) => steps.map((step) => `${step.name} ${step.text.replace(/\s+/gu, ' ')}`),
      );
    const [cpu, gpu] = [stepsOf('cpu'), stepsOf('gpu')];
    const setUp = 'RUN npm run build && node dist/cli/main.js setup && npm prune --omit=dev';
    assert.deepEqual(
      cpu.filter((step) => !gpu.includes(step)).filter((step) => !step.startsWith('ENV ')),
      [setUp, 'CMD ["worker", "--role", "workflow,cpu"]'],
    );
    assert.deepEqual(
      gpu.filter((step) => !cpu.includes(step)).filter((step) => !step.startsWith('ENV ')),
      [setUp.replace('setup', 'setup --gpu'), 'CMD ["worker", "--role", "gpu"]'],
    );
    assert.ok(gpu.some((step) => step.includes('NVIDIA_DRIVER_CAPABILITIES=compute,utility')));
  });
});

async function untilReady(url: string, ended: Promise<unknown>, said: readonly string[]): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (const end = Date.now() + READY_WITHIN_MS; ; await sleep(100)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.status === 200) return;
    if (isOver || Date.now() > end)
      assert.fail(`not ready: ${(await response?.text()) ?? ''} ${said.join('')}`);
  }
}
