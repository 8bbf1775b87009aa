import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { WorkerSettings } from '../../../contracts/worker.js';
import { seeded, type Random } from '../../../core/random.js';
import type { train } from '../../../workflows/train.js';
import { startCluster, type Cluster, type Surroundings, type WorkerProcess } from '../cluster.js';
import { stagesBegun } from './begun.js';
import type { FaultKind } from './kind.js';
import type { FaultyNetwork, Lab } from './lab.js';

const POINT_WITHIN_MS = 900_000;
/** A store that stalls is given up after so long, not after half a minute. */
const IDLE_MS = 1_500;

/** After so many stages have begun, and then some. */
export interface Point {
  readonly stage: number;
  readonly moreMs: number;
}

/** One run and the fault in it: a store, a folder and workers of its own. */
export interface Scene {
  readonly runId: string;
  /** Which point of its kind. */
  readonly index: number;
  readonly cluster: Cluster;
  readonly random: Random;
  /** Of its workers: logs, scratch space, the store where that is a folder. */
  readonly directory: string;
  /** Where the store is an S3 bucket. */
  readonly network: FaultyNetwork | undefined;
  readonly storeUri: string;
  startWorker(more?: Partial<WorkerSettings>, surroundings?: Surroundings): Promise<WorkerProcess>;
  /** Starts the run. */
  start(): Promise<WorkflowHandle<typeof train>>;
  /**
   * A point of the run that the seed says.
   *
   * @param within share of the stages that it lies in. @default 1
   * @param from where these begin, as a share. @default 0
   */
  point(within?: number, from?: number): Point;
  /** Waits for it. @returns where that was */
  untilPoint(point: Point): Promise<string>;
  /** Kills the workers. */
  killWorkers(): Promise<void>;
  close(): Promise<void>;
}

/** @param index which point of the kind: it decides, with the seed, where the fault happens */
export async function openScene(lab: Lab, kind: FaultKind, index: number, seed: number): Promise<Scene> {
  const name = `${kind.name.replaceAll(' ', '-')}-${String(index)}`;
  const cluster = kind.ownServer ? await startCluster(1, 0) : lab.cluster;
  const random = seeded(seed + index, kind.name);
  const on = kind.stores[index % kind.stores.length];
  const network = on === 's3' && typeof lab.network !== 'string' ? lab.network : undefined;
  const directory = join(cluster.folder, name);
  const storeUri = network ? `s3://${network.bucket}/${name}` : join(directory, 'store');
  const workers = new Set<WorkerProcess>();
  const killWorkers = async (): Promise<void> => {
    for (const worker of workers) await worker.kill();
    workers.clear();
  };
  return {
    ...{ runId: `train/tiny/${name}`, index, cluster, random, directory, network, storeUri, killWorkers },
    async startWorker(more = {}, surroundings = {}) {
      const environment = { ...(network ? accessTo(network) : {}), ...surroundings.environment };
      const around = { ...surroundings, environment };
      const start = (): Promise<WorkerProcess> => cluster.startWorker(name, { storeUri, ...more }, around);
      // On a busy machine a server that starts may answer too late; `assay dev` tries again, too.
      const worker = await start().catch(start);
      workers.add(worker);
      return worker;
    },
    start: () => cluster.start(`train/tiny/${name}`, lab.config),
    point: (within = 1, from = 0) => ({
      stage: 1 + Math.floor(from * (lab.stages - 1)) + random.below(Math.floor(within * (lab.stages - 1))),
      moreMs: random.below(250),
    }),
    async untilPoint({ stage, moreMs }) {
      await untilBegun(directory, stage);
      await sleep(moreMs);
      return `stage ${String(stage)} + ${String(moreMs)} ms`;
    },
    async close() {
      if (network) network.decide = () => 'none';
      await killWorkers();
      if (kind.ownServer) await cluster.stop();
    },
  };
}

const accessTo = ({ proxyUrl, server }: FaultyNetwork): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: proxyUrl,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  S3_IDLE_TIMEOUT_MS: String(IDLE_MS),
});

async function untilBegun(directory: string, stages: number): Promise<void> {
  for (const end = Date.now() + POINT_WITHIN_MS; stagesBegun(directory) < stages; await sleep(60)) {
    if (Date.now() > end)
      throw new Error(`${directory}: stage ${String(stages)} was not begun in ${String(POINT_WITHIN_MS)} ms`);
  }
}
