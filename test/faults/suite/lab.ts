import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { loadRunConfig } from '../../../config/load.js';
import type { RunConfig } from '../../../config/runConfig.js';
import { MissingToolError } from '../../../contracts/errors.js';
import { materialise } from '../../../infra/datasets.js';
import { startS3Server, type S3Server } from '../../../infra/s3/server.js';
import { repositoryRoot } from '../../paths.js';
import { openFaultProxy, type Decide } from '../../storage/faultProxy.js';
import { lasting, startCluster, type Cluster } from '../cluster.js';
import { stagesBegun } from './begun.js';

const BUCKET = 'faults';

/** A real S3 server, reached through a proxy that spoils what it is told to. */
export interface FaultyNetwork {
  readonly bucket: string;
  readonly server: S3Server;
  readonly proxyUrl: string;
  /** What becomes of each request from now on. */
  decide: Decide;
}

/** What all faults are played in: one cluster, one S3 server, and the run that nothing disturbed. */
export interface Lab {
  readonly cluster: Cluster;
  /** `examples/tiny.yaml`, its table made. */
  readonly config: RunConfig;
  /** Why there is none, where there is none. */
  readonly network: FaultyNetwork | string;
  /** What the undisturbed run left behind, by name. */
  readonly undisturbed: Readonly<Record<string, unknown>>;
  /** How many stages it began. */
  readonly stages: number;
  stop(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const cluster = await startCluster(1, 0);
  const closers: (() => unknown)[] = [() => cluster.stop()];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const network = await openNetwork(cluster.folder, (close) => closers.push(close));
    const config = await tinyConfig(join(cluster.folder, 'data'));
    const worker = await cluster.startWorker('undisturbed');
    const handle = await cluster.start('train/tiny/undisturbed', config);
    const undisturbed = lasting(await handle.result());
    await worker.kill();
    const stages = stagesBegun(join(cluster.folder, 'undisturbed'));
    return { cluster, config, network, undisturbed, stages, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `examples/tiny.yaml` as `assay run` would start it. */
export async function tinyConfig(outDirectory: string): Promise<RunConfig> {
  const path = join(repositoryRoot, 'examples/tiny.yaml');
  const config = loadRunConfig(readFileSync(path, 'utf8'), { path });
  const { plantNoise: noise } = config.dataset;
  const { table } = await materialise('synthetic_tiny', { outDirectory, ...(noise ? { noise } : {}) });
  return { ...config, dataset: { ...config.dataset, source: table } };
}

/** Where there is no S3 server to be had, why. */
export async function openNetwork(
  folder: string,
  after: (close: () => unknown) => void,
): Promise<FaultyNetwork | string> {
  const dataDirectory = join(folder, 's3');
  await mkdir(dataDirectory);
  try {
    const server = await startS3Server({ dataDirectory, onProgress: (what) => console.error(what) });
    after(() => server.stop());
    const { endpoint, accessKeyId, secretAccessKey } = server;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    const network = { bucket: BUCKET, server, proxyUrl: '', decide: (() => 'none') as Decide };
    const proxy = await openFaultProxy({ after }, endpoint, (request, count) =>
      network.decide(request, count),
    );
    network.proxyUrl = proxy.url;
    return network;
  } catch (error) {
    if (error instanceof MissingToolError) return error.message;
    throw error;
  }
}
