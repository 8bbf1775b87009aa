/**
 * The store at its limits: `npm run bench -- storage [--points 100] [--rounds 200] [--objects 10000]`. A folder and a
 * real S3 server on loopback: large objects up and down, many objects listed, writers killed and writers racing.
 * Prints Markdown.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../contracts/store.js';
import { startS3Server } from '../infra/s3/server.js';
import { concurrently } from '../core/concurrently.js';
import { sha256OfFile } from '../storage/hash.js';
import { openStore } from '../storage/open.js';
import { killWriters } from './storage/kills.js';
import type { Target } from './storage/processes.js';
import { raceWriters } from './storage/races.js';
import { median } from './peer.js';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '200' },
    objects: { type: 'string', default: '10000' },
  },
});
const LARGE_BYTES = 200_000_000;
const REPEATS = 5;

const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
const rows: string[][] = [];
try {
  rows.push(await measure('folder', { uri: join(folder, 'store'), environment: {} }));
  const server = await startS3Server({ dataDirectory: await mkdtemp(join(folder, 's3-')) });
  try {
    rows.push(await measure(server.kind, await bucketOf(server)));
  } finally {
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(table(rows));

type Server = Awaited<ReturnType<typeof startS3Server>>;

async function bucketOf({ endpoint, accessKeyId, secretAccessKey }: Server): Promise<Target> {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'assay-bench' }));
  client.destroy();
  const environment = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  Object.assign(process.env, environment);
  return { uri: 's3://assay-bench/store', environment };
}

async function measure(name: string, target: Target): Promise<string[]> {
  const store = await openStore(target.uri);
  const { up, down } = await largeObject(store);
  const { written, listed } = await manyObjects(store, Number(values.objects));
  const raced = await raceWriters(store, target, Number(values.rounds));
  const killed = await killWriters(store, target, Number(values.points));
  return [
    name,
    `${up} / ${down}`,
    `${written} / ${listed}`,
    `${raced.rounds} rounds: ${raced.won.join(' to ')}, ${raced.wrong.length} wrong`,
    `${killed.kills} kills: ${killed.artifacts} artifacts and ${killed.largeObjects} objects of 20 MB, ${killed.damages.length} damaged`,
  ];
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** MB/s, median and range. */
async function largeObject(store: ObjectStore): Promise<{ up: string; down: string }> {
  const [from, to] = [join(folder, 'large'), join(folder, 'back')];
  await writeFile(from, randomBytes(LARGE_BYTES));
  const up: number[] = [];
  const down: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    up.push(await seconds(() => store.putFile('bench/large', from)));
    down.push(await seconds(() => store.getFile('bench/large', to)));
  }
  if ((await sha256OfFile(from)) !== (await sha256OfFile(to))) throw new Error('other bytes came back');
  await store.delete('bench/large');
  return { up: speed(up), down: speed(down) };
}

function speed(taken: readonly number[]): string {
  const rates = taken.map((one) => LARGE_BYTES / 1e6 / one);
  return `${median(rates).toFixed(0)} (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)})`;
}

async function manyObjects(store: ObjectStore, count: number): Promise<{ written: string; listed: string }> {
  const keys = Array.from({ length: count }, (_, i) => `many/${String(i % 100)}/${String(i)}`);
  const written = await seconds(() => concurrently(keys, 16, (key) => store.put(key, Buffer.from(key))));
  let found = 0;
  const listed = await seconds(async () => {
    for await (const { key } of store.list('many/')) found += key.startsWith('many/') ? 1 : 0;
  });
  if (found !== count) throw new Error(`${String(found)} of ${String(count)} objects were listed`);
  await concurrently(keys, 16, (key) => store.delete(key));
  return { written: `${written.toFixed(1)} s`, listed: `${listed.toFixed(2)} s` };
}

function table(cells: readonly (readonly string[])[]): string {
  const head = [
    'store',
    '200 MB up / down, MB/s',
    `${values.objects} objects written / listed`,
    'two processes creating one key',
    'kill -9 while writing',
  ];
  const lines = [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
