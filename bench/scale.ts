/**
 * What a shard costs the servers, so that docs/scale.md can extrapolate: `npm run bench -- scale`. Plays
 * `examples/tiny.yaml` on a real Temporal server and a real S3 server, behind a proxy that counts requests.
 */
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { startCluster } from '../test/faults/cluster.js';
import { openNetwork, tinyConfig } from '../test/faults/suite/lab.js';

/** As Amazon bills them: LIST and PUT alike, GET and HEAD alike. */
function kindOf({ method = '', url = '' }: IncomingMessage): string {
  return method === 'GET' && url.includes('list-type=2') ? 'LIST' : method;
}

const closers: (() => unknown)[] = [];
const cluster = await startCluster(1, 0);
try {
  const network = await openNetwork(cluster.folder, (close) => closers.push(close));
  if (typeof network === 'string') throw new Error(network);
  const requests = new Map<string, number>();
  network.decide = (request) => {
    const kind = kindOf(request);
    requests.set(kind, (requests.get(kind) ?? 0) + 1);
    return 'none';
  };
  const config = await tinyConfig(join(cluster.folder, 'data'));
  const worker = await cluster.startWorker(
    'scale',
    { storeUri: `s3://${network.bucket}/scale` },
    {
      environment: {
        AWS_ENDPOINT_URL_S3: network.proxyUrl,
        AWS_ACCESS_KEY_ID: network.server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: network.server.secretAccessKey,
      },
    },
  );
  const handle = await cluster.start('train/tiny/scale', config);
  await handle.result();
  const { historyLength, historySize = 0 } = await handle.describe();
  const { events = [] } = await handle.fetchHistory();
  const shards = (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes).length;
  await worker.kill();
  const row = (what: string, total: number): string =>
    `| ${what} | ${String(total)} | ${(total / shards).toFixed(2)} |`;
  process.stdout.write(
    [
      `Node ${process.version}; examples/tiny.yaml, ${String(shards)} activities.`,
      '',
      '| | in all | an activity |',
      '| --- | --- | --- |',
      row("events of the run's history", historyLength),
      row("bytes of the run's history", historySize),
      ...[...requests].sort().map(([kind, count]) => row(`S3 ${kind}`, count)),
      '',
    ].join('\n'),
  );
} finally {
  for (const close of closers.reverse()) await close();
  await cluster.stop();
}
