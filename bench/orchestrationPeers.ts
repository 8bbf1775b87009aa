/**
 * The same steps on Assay and on its peers, in turns: `npm run bench -- orchestrationPeers`. ASSAY_PYTHON has metaflow,
 * prefect and dagster. A peer that fails is left out, with its last line.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { RESOLVE_UPDATE } from '../contracts/names.js';
import { startDev } from '../infra/dev.js';
import { freePorts } from '../infra/freePort.js';
import { connect } from '../infra/temporal/connect.js';
import { BENCH_CONFIG, benchDev, execute, timed, untilBlocked } from './orchestration/durable.js';
import { median, peerScript, python } from './peer.js';

const ROUNDS = Math.max(1, Number(process.env['ASSAY_BENCH_ROUNDS'] ?? 3));
const CASES = {
  seven: '7 no-op steps in order',
  fan: '200-way fan-out',
  retry: 'retry of step 5 of 7, to the end',
} as const;
type Case = keyof typeof CASES;
/** How each is run: what is warm, what is a process of its own. */
const PEERS = {
  metaflow: 'Metaflow: from command to exit, a process for each step',
  prefect: 'Prefect: a warm process, its server on SQLite',
  dagster: 'Dagster: a warm process, in-process executor, events in SQLite',
} as const;
type Contender = 'assay' | keyof typeof PEERS;

const directory = await mkdtemp(join(tmpdir(), 'assay-peers-'));
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  ...{ PREFECT_HOME: join(directory, 'prefect'), PREFECT_LOGGING_LEVEL: 'ERROR' },
  ...{ PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DAGSTER_DISABLE_TELEMETRY: '1', DO_NOT_TRACK: '1' },
};
const services = await startDev(await benchDev(directory));
const { connection } = await connect({ address: services.address });
const client = new Client({ connection });
const stopPrefect = await startPrefect();
const seconds = new Map<string, number[]>();
try {
  await execute(client, 'atOnce', 20); // warms the children
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of Object.keys(CASES) as Case[]) {
      keep('assay', one, await ours(one));
      for (const peer of Object.keys(PEERS) as (keyof typeof PEERS)[]) keep(peer, one, theirs(peer, one));
    }
  }
} finally {
  await stopPrefect();
  await connection.close();
  await services.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
print();

async function ours(one: Case): Promise<number> {
  if (one === 'seven') return (await execute(client, 'inOrder', 7)) / 1_000;
  if (one === 'fan') return (await execute(client, 'atOnce', 200)) / 1_000;
  const seed = Date.now() % 1e9; // nothing comes from the cache
  const options = { taskQueue: 'assay-workflow', workflowId: `mended-${String(seed)}` };
  const handle = await client.workflow.start('mended', { ...options, args: [{ ...BENCH_CONFIG, seed }] });
  await untilBlocked(handle);
  const answer = { action: 'retry', stage: 'step5', set: { seed: seed + 1 } };
  const ms = await timed(async () => {
    await handle.executeUpdate(RESOLVE_UPDATE, { args: [answer] });
    await handle.result();
  });
  return ms / 1_000;
}

/** Undefined where it failed. */
function theirs(peer: keyof typeof PEERS, one: Case): number | undefined {
  const script = peerScript(`orchestration/${peer}Steps.py`);
  const { status, stdout, stderr } = spawnSync(python, [script, one], { env: environment, encoding: 'utf8' });
  if (status === 0)
    return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { seconds: number }).seconds;
  process.stderr.write(`${peer}, ${one}: ${stderr.trim().split('\n').at(-1) ?? 'no word'}\n`);
  return undefined;
}

function keep(who: Contender, one: Case, taken: number | undefined): void {
  if (taken === undefined) return;
  const key = `${who} ${one}`;
  seconds.set(key, [...(seconds.get(key) ?? []), taken]);
  process.stderr.write(`${key}: ${taken.toFixed(2)} s\n`);
}

/** @returns what stops it */
async function startPrefect(): Promise<() => Promise<void>> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${String(port)}/api`;
  const command = ['-m', 'prefect', 'server', 'start', '--host', '127.0.0.1', '--port', String(port)];
  const server = spawn(python, command, { env: environment, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  environment['PREFECT_API_URL'] = url;
  for (let attempt = 0; attempt < 240 && server.exitCode === null; attempt++) {
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await sleep(500);
  }
  return async () => {
    server.kill('SIGINT');
    await ended;
  };
}

function print(): void {
  const cell = (who: Contender, one: Case): string => {
    const taken = seconds.get(`${who} ${one}`) ?? [];
    if (taken.length === 0) return 'failed';
    return `${median(taken).toFixed(2)} (${Math.min(...taken).toFixed(2)} to ${Math.max(...taken).toFixed(2)})`;
  };
  const contenders = ['assay', ...Object.keys(PEERS)] as Contender[];
  const versions = spawnSync(python, ['-m', 'pip', 'list', '--format=freeze'], { encoding: 'utf8' });
  const named = versions.stdout.split('\n').filter((line) => /^(metaflow|prefect|dagster)==/.test(line));
  process.stdout.write(
    [
      `Node ${process.version}, ${named.join(', ')}, ${String(availableParallelism())} cores, load average ` +
        `${loadavg()
          .map((load) => load.toFixed(1))
          .join(' ')}; seconds, median (range) of ${String(ROUNDS)}, in turns`,
      '',
      `| | Assay | ${Object.values(PEERS).join(' | ')} |`,
      `|---|${contenders.map(() => '---|').join('')}`,
      ...(Object.keys(CASES) as Case[]).map(
        (one) => `| ${CASES[one]} | ${contenders.map((who) => cell(who, one)).join(' | ')} |`,
      ),
      '',
    ].join('\n'),
  );
}
