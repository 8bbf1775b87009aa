import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import { encryptionCodec } from './codec.js';
import type { CodecKeys } from './codecKeys.js';

export interface CodecServerOptions {
  readonly keys: CodecKeys;
  /** Origins of Temporal's UI, such as `http://127.0.0.1:8233`; pages of others are refused. */
  readonly origins: readonly string[];
  readonly host: string;
  /** 0: a free one */
  readonly port: number;
}

const LONGEST_BODY = 16 * 1024 * 1024;
/** As protobuf's JSON puts payloads: bytes in base64. */
const Body = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() }))
    .max(100_000),
});

/** What is refused, and how. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Shows Temporal's UI and CLI what is encrypted: `POST /decode` and `/encode`. Whoever reaches it reads everything, so
 * it listens on loopback unless told otherwise, and answers no page but the UI's.
 *
 * @throws ConfigError where the address can't be listened on
 */
export async function openCodecServer(options: CodecServerOptions): Promise<{ url: string; close(): void }> {
  const codec = encryptionCodec(options.keys);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    allow(request, response, options);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const path = new URL(request.url ?? '/', 'http://codec').pathname;
    const verb = /^\/(encode|decode)$/.exec(path)?.[1] as 'encode' | 'decode' | undefined;
    if (!verb || request.method !== 'POST') throw new Refusal(404, 'expected POST /encode or /decode');
    const { payloads } = Body.parse(JSON.parse(await bodyOf(request)));
    const made = await codec[verb](payloads.map(fromJson));
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ payloads: made.map(toJson) }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof Refusal ? error.status : 400;
      // Zod's and JSON's messages quote what they read.
      const isOurs = error instanceof Refusal || error instanceof ConfigError;
      const message = isOurs ? error.message : 'the body is not {"payloads":[…]}';
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    const { host, port } = options;
    server.once('error', (cause) =>
      reject(
        new ConfigError(`codec server on ${host}:${port}: ${cause.message}; choose another port`, { cause }),
      ),
    );
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${options.host}:${port}`, close };
}

/** Answers the UI's pages and programs; a page of another origin, or a name that was bent to this address, is refused. */
function allow(
  request: IncomingMessage,
  response: ServerResponse,
  { origins, host }: CodecServerOptions,
): void {
  const { origin, host: asked = '' } = request.headers;
  const name = asked.replace(/:\d+$/, '');
  if (![host, 'localhost', '127.0.0.1', '[::1]'].includes(name))
    throw new Refusal(403, `the host "${name}" is not this server's`);
  if (origin === undefined) return;
  if (!origins.includes(origin))
    throw new Refusal(
      403,
      `the origin ${origin} is not allowed: start with --ui-origin ${origin} if it is your UI`,
    );
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader('access-control-allow-headers', 'content-type,x-namespace,authorization');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('vary', 'origin');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new Refusal(413, `a body of more than ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

type JsonPayload = z.infer<typeof Body>['payloads'][number];

const mapValues = <In, Out>(
  map: Readonly<Record<string, In>>,
  change: (value: In) => Out,
): Record<string, Out> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));

const fromJson = ({ metadata = {}, data = '' }: JsonPayload): Payload => ({
  metadata: mapValues(metadata, (value) => Buffer.from(value, 'base64')),
  data: Buffer.from(data, 'base64'),
});

const toJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: mapValues(metadata ?? {}, (value) => Buffer.from(value).toString('base64')),
  data: Buffer.from(data ?? []).toString('base64'),
});
