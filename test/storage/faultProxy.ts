import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What happens to an answer: it passes, its body breaks off or stalls after some bytes, or another answer comes. */
export type Fault =
  'none' | { readonly breakAfter: number } | { readonly stallAfter: number } | { readonly status: number };

/**
 * An HTTP proxy that breaks answers.
 *
 * @param decide asked for each request, with how many came before
 * @returns its URL
 */
export async function startFaultProxy(
  t: TestContext,
  target: string,
  decide: (request: IncomingMessage, count: number) => Fault,
): Promise<string> {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const fault = decide(incoming, count++);
    if (fault !== 'none' && 'status' in fault) {
      incoming.resume().once('end', () => outgoing.writeHead(fault.status).end());
      return;
    }
    const { method, headers, url } = incoming;
    const forwarded = request(new URL(url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault === 'none') answer.pipe(outgoing);
      else spoil(answer, outgoing, fault);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function spoil(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  fault: { readonly breakAfter: number } | { readonly stallAfter: number },
): void {
  const limit = 'breakAfter' in fault ? fault.breakAfter : fault.stallAfter;
  let sent = 0;
  answer.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, Math.max(0, limit - sent));
    if (part.length > 0) outgoing.write(part);
    sent += part.length;
    if (sent >= limit && 'breakAfter' in fault) setTimeout(() => outgoing.destroy(), 20);
  });
}
