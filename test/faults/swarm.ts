import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import type { train } from '../../workflows/train.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { startCluster } from './cluster.js';

const ROWS = 150;
const LOOKS_EVERY_MS = 250;

/** What many runs at once on one worker came to. */
export interface Swarm {
  readonly runs: number;
  readonly completed: number;
  readonly stages: number;
  readonly seconds: number;
  /** Of stages that every run had begun when the first one ended: the least and the most, of the same total. */
  readonly begunAtFirstEnd: { readonly least: number; readonly most: number; readonly ofStages: number };
  /** MiB of the worker's resident memory when a share of the runs had ended, from none to all. */
  readonly workerMib: readonly number[];
}

/** A run of some twenty stages; its seed makes its fits its own, so that none comes from the cache. */
const smallRun = (source: string, seed: number): RunConfig =>
  toyConfig(source, {
    seed,
    ...QUICK,
  });

/** Starts so many small runs at once on one worker, and waits for all of them. */
export async function playSwarm(
  runs: number,
  tell: (ended: number) => void = () => undefined,
): Promise<Swarm> {
  const cluster = await startCluster(ROWS, 0.1);
  try {
    const worker = await cluster.startWorker('swarm');
    const pid = worker.process.pid ?? 0;
    // One run before: code is loaded, caches have their size.
    const source = join(cluster.folder, 'toy.csv');
    await (await cluster.start('train/swarm/first', smallRun(source, 0))).result();
    const beganMs = performance.now();
    const handles = await Promise.all(
      Array.from({ length: runs }, (_, i) =>
        cluster.start(`train/swarm/${String(i)}`, smallRun(source, i + 1)),
      ),
    );
    const { completed, memory } = await watch(handles, pid, tell);
    const seconds = (performance.now() - beganMs) / 1_000;
    const begun = begunStages(join(cluster.folder, 'swarm', 'logs'));
    return { runs, completed, seconds, ...begun, workerMib: memory };
  } finally {
    await cluster.stop();
  }
}

/** Follows all runs to their ends; memory at 0, 25, 50, 75 and 100% of them. */
async function watch(
  handles: readonly WorkflowHandle<typeof train>[],
  pid: number,
  tell: (ended: number) => void,
): Promise<{ completed: number; memory: number[] }> {
  let ended = 0;
  let completed = 0;
  const all = Promise.all(
    handles.map(async (handle) => {
      const outcome = await handle.result().catch(() => undefined);
      ended++;
      if (outcome?.state === 'completed') completed++;
    }),
  );
  const memory: number[] = [];
  let isOver = false;
  void all.then(() => (isOver = true));
  while (memory.length < 5) {
    while (memory.length < 5 && ended >= (memory.length * handles.length) / 4) memory.push(residentMib(pid));
    tell(ended);
    if (!isOver) await sleep(LOOKS_EVERY_MS);
  }
  await all;
  return { completed, memory };
}

const residentMib = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024);

interface LogLine {
  readonly runId?: string;
  readonly path?: string;
  readonly msg: string;
}

/** From the worker's log, which is in order. */
function begunStages(logs: string): Pick<Swarm, 'stages' | 'begunAtFirstEnd'> {
  const lines = readdirSync(logs)
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ runId }) => runId?.startsWith('train/swarm/') && runId !== 'train/swarm/first');
  const isBegun = ({ msg }: LogLine): boolean =>
    msg === 'stage started' || msg === 'stage taken from the cache';
  const firstEnd = lines.findIndex(({ path, msg }) => path === 'report' && msg === 'stage finished');
  const begun = Object.values(countByRun(lines.slice(0, firstEnd).filter(isBegun)));
  const total = countByRun(lines.filter(isBegun));
  const runs = Object.keys(total).length;
  return {
    stages: lines.filter(isBegun).length,
    begunAtFirstEnd: {
      least: begun.length < runs ? 0 : Math.min(...begun),
      most: Math.max(...begun),
      ofStages: Math.max(...Object.values(total)),
    },
  };
}

function countByRun(lines: readonly LogLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { runId = '' } of lines) counts[runId] = (counts[runId] ?? 0) + 1;
  return counts;
}
