import { createServer, type Server, type ServerResponse } from 'node:http';
import { ConfigError } from '../contracts/errors.js';
import type { ListenAddress } from './address.js';

/** What readiness is made of; a check rejects, or says false, where something is not as it should be. */
export type HealthChecks = Readonly<Record<string, () => Promise<boolean>>>;

const CHECK_WITHIN_MS = 3_000;
/** However often it is asked, the store and the server are asked once in that time. */
const FRESH_MS = 1_000;

/**
 * Answers `/healthz` (200 while the event loop turns) and `/readyz` (200 where every check passes, else 503); both say
 * in JSON what they found.
 *
 * @throws ConfigError where the address can't be listened on
 */
export async function openHealth(
  { host, port }: ListenAddress,
  checks: HealthChecks,
): Promise<Pick<Server, 'close'>> {
  const examine = remembered(() => examineAll(checks));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://worker').pathname;
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, { error: 'GET only' });
    else if (path === '/healthz') answer(response, 200, { live: true });
    else if (path === '/readyz') {
      void examine().then((found) =>
        answer(response, Object.values(found).every((one) => one === 'ok') ? 200 : 503, found),
      );
    } else answer(response, 404, { error: 'expected /healthz or /readyz' });
  });
  server.requestTimeout = CHECK_WITHIN_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ConfigError(`health address ${host}:${port}: ${cause.message}; choose another port`, { cause }),
      ),
    );
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
  // Probes must not keep a process alive that has nothing else to do.
  server.unref();
  return server;
}

async function examineAll(checks: HealthChecks): Promise<Record<string, string>> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await examine(check)] as const),
  );
  return Object.fromEntries(found);
}

async function examine(check: () => Promise<boolean>): Promise<'ok' | 'failed' | 'slow'> {
  let overdue: NodeJS.Timeout | undefined;
  const late = new Promise<'slow'>((resolve) => {
    overdue = setTimeout(() => resolve('slow'), CHECK_WITHIN_MS);
  });
  const told = check().then(
    (isWell) => (isWell ? ('ok' as const) : ('failed' as const)),
    () => 'failed' as const,
  );
  return Promise.race([told, late]).finally(() => clearTimeout(overdue));
}

function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly answer: Promise<T> } | undefined;
  return () => {
    const nowMs = performance.now();
    if (last === undefined || nowMs - last.atMs > FRESH_MS) last = { atMs: nowMs, answer: ask() };
    return last.answer;
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
