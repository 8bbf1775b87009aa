import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { freePorts } from '../freePort.js';
import type { S3Executable } from './find.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How a server is started, known to be ready, and ended. */
export interface Launch {
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly readyWithinMs: number;
  /** Answers 200 when writes work; else the S3 port is enough. */
  readonly readyUrl?: string;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Removes what a killed server leaves outside of its folder. */
  clearAway(): void;
}

/** Credentials go by the environment: arguments can be read by every user of the machine. */
export function launchOf(
  { kind }: S3Executable,
  directory: string,
  port: number,
  credentials: Credentials,
): Promise<Launch> {
  return (kind === 'versitygw' ? versitygw : seaweedfs)(directory, port, credentials);
}

async function versitygw(
  directory: string,
  port: number,
  { accessKeyId, secretAccessKey }: Credentials,
): Promise<Launch> {
  const [data, metadata] = [join(directory, 'data'), join(directory, 'metadata')];
  await mkdir(data, { recursive: true });
  await mkdir(metadata, { recursive: true });
  const address = `127.0.0.1:${String(port)}`;
  return {
    arguments: ['--port', address, '--quiet', '--keep-alive', 'posix', '--sidecar', metadata, data],
    environment: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    readyWithinMs: 15_000,
    graceMs: 5000,
    clearAway: () => undefined,
  };
}

const PARTS = ['master', 'volume', 'filer'] as const;

async function seaweedfs(
  directory: string,
  port: number,
  { accessKeyId, secretAccessKey }: Credentials,
): Promise<Launch> {
  const data = join(directory, 'data');
  await mkdir(data, { recursive: true });
  const inner = await innerPorts(join(directory, 'ports.json'));
  const s3Grpc = inner.at(-1) ?? 0;
  const portsOf = PARTS.map((part, i) => ({ part, http: inner[2 * i] ?? 0, grpc: inner[2 * i + 1] ?? 0 }));
  return {
    arguments: [
      ...['server', `-dir=${data}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-filer', '-s3'],
      ...portsOf.flatMap(({ part, http, grpc }) => [
        `-${part}.port=${String(http)}`,
        `-${part}.port.grpc=${String(grpc)}`,
      ]),
      ...[`-s3.port=${String(port)}`, `-s3.port.grpc=${String(s3Grpc)}`],
      ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-s3.iam=false', '-s3.autoCreateBucket=false'],
      // Without it, it tells its makers about the cluster.
      '-master.telemetry=false',
      '-master.peers=none',
      // Every bucket takes several volumes at once.
      ...['-volume.max=300', '-master.volumeSizeLimitMB=256', '-volume.preStopSeconds=0'],
    ],
    environment: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      HOME: directory, // where it looks for settings of its own
    },
    readyWithinMs: 60_000,
    readyUrl: `http://127.0.0.1:${String(inner[0])}/dir/assign`,
    // Volumes are closed at once; then it waits 15 s for streams among its own parts.
    graceMs: 1000,
    clearAway() {
      const sockets = [
        ...portsOf.flatMap(({ part, http, grpc }) => [`${part}-${http}`, `${part}-grpc-${grpc}`]),
        ...[`s3-${port}`, `s3-grpc-${s3Grpc}`],
      ];
      for (const name of sockets) rmSync(`/tmp/seaweedfs-${name}.sock`, { force: true });
    },
  };
}

/** Ports of a server's parts among themselves: kept, since a server that starts again on its folder is known by them. */
async function innerPorts(file: string): Promise<number[]> {
  if (existsSync(file)) return z.array(z.int()).parse(JSON.parse(await readFile(file, 'utf8')));
  const ports = await freePorts(2 * PARTS.length + 1);
  await writeFile(file, JSON.stringify(ports));
  return ports;
}
