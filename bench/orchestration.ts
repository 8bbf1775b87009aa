/**
 * What durability costs: `npm run build && node dist/bench/orchestration.js`. A dev server on disk, one warm worker
 * with two trainer children, stages that do nothing (each really runs in a child, and is recorded in the store).
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { startDev } from '../infra/dev.js';
import { modulePath } from '../infra/modules.js';
import { connect } from '../infra/temporal/connect.js';
import { TEMPORAL_CLI_VERSION } from '../infra/temporal/findServer.js';
import { startTemporalServer } from '../infra/temporal/startServer.js';
import { startBareWorker } from './orchestration/bare.js';
import { BENCH_CONFIG, benchDev, execute, requests, timed, untilBlocked } from './orchestration/durable.js';
import { cancelledMs, resumedMs, starter } from './orchestration/latencies.js';
import { median } from './peer.js';

const ROUNDS = Math.max(3, Number(process.env['ASSAY_BENCH_ROUNDS'] ?? 7));

interface Figure {
  readonly what: string;
  /** Absent for what is Temporal's own. */
  readonly limitMs?: number;
  readonly takenMs: readonly number[];
}

Runtime.install({ logger: new DefaultLogger('WARN') });
const directory = await mkdtemp(join(tmpdir(), 'assay-bench-'));
const dev = await benchDev(directory);
const figures: Figure[] = [
  { what: '`assay --help`', limitMs: 300, takenMs: await rounds(() => timed(() => Promise.resolve(help()))) },
  { what: '`assay dev` ready', limitMs: 10_000, takenMs: await rounds(devReady) },
];
const services = await startDev(dev);
const { connection } = await connect({ address: services.address });
const client = new Client({ connection });
/** A stage that looks up between its steps, and one that never does. */
const listening = { stage: 'count', params: { steps: 100_000, stepMs: 20 } };
const deaf = { stage: 'spin', params: { ms: 600_000 } };
const HEARTBEAT_TIMEOUT_MS = 3_000;
const start = starter(client, (stage, params) => ({ ...requests(1)[0]!, path: stage, stage, params }));
try {
  await execute(client, 'inOrder', 7); // warms the children
  await execute(client, 'atOnce', 20);
  figures.push(
    {
      what: '7 no-op stages, one after the other',
      limitMs: 500,
      takenMs: await rounds(() => execute(client, 'inOrder', 7)),
    },
    ...(await fanOuts(client, services.address, 200, 'on disk', 1_500)),
    ...(await fanOuts(client, services.address, 1_000, 'on disk', 8_000)),
    { what: 'retry of a blocked stage until it is scheduled', limitMs: 200, takenMs: await retries() },
    {
      what: 'cancel until the trainer stopped, a stage that listens',
      limitMs: 1_000,
      takenMs: await rounds(() => cancelledMs(start, listening)),
    },
    {
      what: 'cancel until the trainer was killed, a stage that does not',
      limitMs: 1_000,
      takenMs: await rounds(() => cancelledMs(start, deaf)),
    },
    {
      what: `kill of the worker until its stage goes on (heartbeat timeout ${String(HEARTBEAT_TIMEOUT_MS / 1_000)} s)`,
      limitMs: HEARTBEAT_TIMEOUT_MS + 2_000,
      takenMs: await rounds(() => resumedMs(start, () => services.workerPid(), listening)),
    },
  );
} finally {
  await connection.close();
  await services.stop();
}
figures.push(...(await inMemory()));
await rm(directory, { recursive: true, force: true });
print();

/** The same fan-out on a server that keeps nothing on disk. */
async function inMemory(): Promise<Figure[]> {
  const server = await startTemporalServer();
  process.env['TEMPORAL_ADDRESS'] = server.address; // the worker joins that server
  const joined = await startDev({ ...dev, directory: join(directory, 'memory') });
  const own = await connect({ address: server.address });
  const there = new Client({ connection: own.connection });
  try {
    await execute(there, 'atOnce', 20);
    return await fanOuts(there, server.address, 1_000, 'in memory', 4_000);
  } finally {
    await own.connection.close();
    await joined.stop();
    await server.stop();
    delete process.env['TEMPORAL_ADDRESS'];
  }
}

/** A fan-out of stages, in turns with one of bare activities on the same server. */
async function fanOuts(
  own: Client,
  address: string,
  count: number,
  where: string,
  limitMs: number,
): Promise<Figure[]> {
  const bare = await startBareWorker(address, dev.worker.workflowBundle);
  const takenMs: number[] = [];
  const bareMs: number[] = [];
  await bare.execute(own, 20); // warms
  for (let round = 0; round < ROUNDS; round++) {
    takenMs.push(await execute(own, 'atOnce', count));
    bareMs.push(await bare.execute(own, count));
  }
  await bare.stop();
  const what = `${count.toLocaleString('en')}-way fan-out`;
  return [
    { what: `${what} of no-op stages, ${where}`, limitMs, takenMs },
    { what: 'the same of bare Temporal activities', takenMs: bareMs },
  ];
}

async function rounds(measure: () => Promise<number>): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) taken.push(await measure());
  return taken;
}

function help(): void {
  const entry = modulePath(import.meta.url, '../cli/main');
  execFileSync(process.execPath, [...process.execArgv, entry, '--help'], { stdio: 'pipe' });
}

async function devReady(): Promise<number> {
  const start = performance.now();
  const started = await startDev(dev);
  const taken = performance.now() - start;
  await started.stop();
  return taken;
}

/** From the operator's answer until Temporal has scheduled the stage again. */
async function retries(): Promise<number[]> {
  const options = { taskQueue: 'assay-workflow', workflowId: 'blocking' };
  const handle: WorkflowHandle = await client.workflow.start('blocking', {
    ...options,
    args: [BENCH_CONFIG],
  });
  const taken: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await untilBlocked(handle);
    const askedAtMs = Date.now();
    await handle.executeUpdate('resolveStage', { args: [{ action: 'retry', stage: 'fail' }] });
    const scheduledAtMs = await untilScheduled(handle, round + 2);
    if (round > 0) taken.push(scheduledAtMs - askedAtMs); // the first one warms
  }
  await handle.terminate();
  return taken;
}

async function untilScheduled(handle: WorkflowHandle, times: number): Promise<number> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const event = events?.filter((one) => one.activityTaskScheduledEventAttributes)[times - 1];
    const { seconds, nanos } = event?.eventTime ?? {};
    if (seconds !== undefined && seconds !== null) return Number(seconds) * 1_000 + (nanos ?? 0) / 1e6;
    await sleep(20);
  }
}

function print(): void {
  const loads = loadavg().map((load) => load.toFixed(1));
  const lines = [
    `Node ${process.version}, Temporal CLI ${TEMPORAL_CLI_VERSION} on disk, ${String(availableParallelism())} cores, ` +
      `load average ${loads.join(' ')}; median (range) of ${String(ROUNDS)}`,
    '',
    '| | median | range | must be under |',
    '|---|---|---|---|',
    ...figures.map(({ what, limitMs, takenMs }) => {
      const ms = (value: number): string => `${value.toFixed(0)} ms`;
      const range = `${Math.min(...takenMs).toFixed(0)} to ${ms(Math.max(...takenMs))}`;
      return `| ${what} | ${ms(median(takenMs))} | ${range} | ${limitMs === undefined ? '' : ms(limitMs)} |`;
    }),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const slow = figures.filter(({ limitMs = Infinity, takenMs }) => median(takenMs) >= limitMs);
  if (slow.length > 0) process.exitCode = 1;
}
