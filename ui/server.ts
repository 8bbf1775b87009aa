import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PAGE_POLICY } from '../report/page.js';
import { homePage, problemPage, runPage } from './pages.js';
import type { RunsSource } from './source.js';

interface UiAddress {
  readonly host: string;
  readonly port: number; // 0: any free one
}

/** What a request gets. */
interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `${PAGE_POLICY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Serves the page for runs. Read only: it knows GET and HEAD. On a loopback address it answers to loopback names alone,
 * so that no other site's name can be made to point here.
 */
export function startUi(
  source: RunsSource,
  { host, port }: UiAddress,
): Promise<{ url: string; close(): Promise<void> }> {
  const isLoopback = LOOPBACK.has(host) || host === '::1';
  const server = createServer((request, response) => {
    void answerTo(request, source, isLoopback).then((answer) => send(request, response, answer));
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve({ url: urlOf(server, host), close: () => closed(server) }));
  });
}

async function answerTo(request: IncomingMessage, source: RunsSource, isLoopback: boolean): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: problemPage('Read only', 'Only GET and HEAD are known here.') };
  }
  if (isLoopback && !LOOPBACK.has((request.headers.host ?? '').replace(/:\d+$/, ''))) {
    return { status: 403, body: problemPage('Unknown name', 'This page answers to localhost only.') };
  }
  try {
    return await route(request.url ?? '/', source);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { status: 500, body: problemPage('This page could not be made', text) };
  }
}

async function route(url: string, source: RunsSource): Promise<Answer> {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname === '/') {
    const [listed, models] = await Promise.all([source.runs(), source.models()]);
    return { status: 200, body: homePage(listed, models) };
  }
  const [, encoded, what] = /^\/runs\/([^/]+)(\/report)?$/.exec(pathname) ?? [];
  const runId = encoded === undefined ? undefined : decoded(encoded);
  if (runId === undefined) return missing('There is no such page.');
  if (what !== undefined) {
    const report = await source.report(runId);
    return report ? { status: 200, body: report } : missing(`${runId} has no report (yet).`);
  }
  const run = (await source.runs()).runs.find((one) => one.runId === runId);
  if (!run) return missing(`There is no run "${runId}" in the list.`);
  return { status: 200, body: runPage(run, await source.status(runId), source.temporalUrl(runId)) };
}

const missing = (text: string): Answer => ({ status: 404, body: problemPage('Not found', text) });

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...HEADERS, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
