import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { inheritedNodeFlags, modulePath } from '../infra/modules.js';
import type { FromServingChild } from './servingChild.js';

const SECONDS = 10;
const CONNECTIONS = 20;
const PROMOTIONS = 100;

/** Single predictions a second and their latencies; then promotions under load. */
async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-serving-'));
  const child = fork(modulePath(import.meta.url, './servingChild'), [folder], {
    execArgv: inheritedNodeFlags(),
  });
  const next = <T extends FromServingChild['type']>(
    type: T,
  ): Promise<Extract<FromServingChild, { type: T }>> =>
    new Promise((resolve) => {
      child.on('message', (message: FromServingChild) => {
        if (message.type === type) resolve(message as Extract<FromServingChild, { type: T }>);
      });
    });
  try {
    const { address, row } = await next('ready');
    const load = (seconds: number) =>
      autocannon({
        ...{ url: `${address}/v1/predict`, method: 'POST', connections: CONNECTIONS, duration: seconds },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ row }),
      });
    await load(2); // the compiler warms up
    console.log(
      `load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores, node ${process.version}, ${CONNECTIONS} connections`,
    );
    const before = next('used');
    child.send('used');
    const { cpuSeconds } = await before;
    const plain = await load(SECONDS);
    const later = next('used');
    child.send('used');
    const spent = (await later).cpuSeconds - cpuSeconds;
    tell('single predictions', plain);
    console.log(
      `  server CPU ${((1e6 * spent) / plain.requests.total).toFixed(0)} µs a request: ${Math.round(plain.requests.total / spent)} a CPU second`,
    );
    const promoted = next('promoted');
    child.send({ promote: PROMOTIONS });
    const swapped = await load(SECONDS);
    const { swaps } = await promoted;
    tell(`with ${swaps} promotions`, swapped);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(name: string, { requests, latency, errors, timeouts, non2xx }: autocannon.Result): void {
  console.log(
    `${name}: ${Math.round(requests.average)}/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ` +
      `${requests.total} requests, failed ${errors + timeouts + non2xx}`,
  );
}

await bench();
