import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { seeded } from '../../core/random.js';

/** What happens to a request or its answer; positions are bytes of the body. */
export type Fault =
  | 'none'
  /** Another answer, and the request never arrives. */
  | { readonly status: number }
  /** The connection is cut while the request is sent. */
  | { readonly cutRequestAfter: number }
  /** The connection is cut within the answer. */
  | { readonly breakAfter: number }
  /** The answer stops, and the connection stays open. */
  | { readonly stallAfter: number }
  /** The answer ends early, and looks as if that were all. */
  | { readonly truncateAfter: number }
  /** The answer comes at about so many bytes a second. */
  | { readonly bytesPerSecond: number }
  /** One byte of the answer is another one. */
  | { readonly wrongByteAt: number }
  /** One byte of the request is another one. */
  | { readonly wrongRequestByteAt: number };

export type Decide = (request: IncomingMessage, count: number) => Fault;

/** A test, or whoever else says when it is over. */
type Ending = { after(close: () => void): void };

export interface FaultProxy {
  readonly url: string;
  /** How many connections clients have opened. */
  connections(): number;
}

/**
 * A proxy before a real HTTP server that spoils what passes.
 *
 * @param decide asked for each request, with how many came before
 */
export async function openFaultProxy(t: Ending, target: string, decide: Decide): Promise<FaultProxy> {
  let count = 0;
  let connections = 0;
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, new URL(incoming.url ?? '/', target), decide(incoming, count++));
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { url, connections: () => connections };
}

/** {@link openFaultProxy}, where only the URL is wanted. */
export const startFaultProxy = async (t: Ending, target: string, decide: Decide): Promise<string> =>
  (await openFaultProxy(t, target, decide)).url;

/** Spoils a share of all requests, in one of the ways that `share` names, by chance. */
export function seededFaults(seed: number, share: number): Decide {
  const random = seeded(seed, 'faults');
  const ways: readonly (() => Fault)[] = [
    () => ({ status: 503 }),
    () => ({ cutRequestAfter: random.below(1000) }),
    () => ({ breakAfter: random.below(200_000) }),
    () => ({ stallAfter: random.below(200_000) }),
    () => ({ truncateAfter: random.below(200_000) }),
    () => ({ bytesPerSecond: 50_000_000 }),
    () => ({ wrongByteAt: random.below(200_000) }),
    () => ({ wrongRequestByteAt: random.below(200_000) }),
  ];
  return ({ method, url, headers }) => {
    if (random.next() >= share) return 'none';
    const fault = ways[random.below(ways.length)]!();
    // Only bodies of whole objects have a checksum: not lists, ranges, and what answers writes.
    const isWhole = method === 'GET' && !url!.includes('list-type') && headers.range === undefined;
    const spoilsAnswer = fault !== 'none' && ('wrongByteAt' in fault || 'truncateAfter' in fault);
    return spoilsAnswer && !isWhole ? { status: 503 } : fault;
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, to: URL, fault: Fault): void {
  if (fault !== 'none' && 'status' in fault) {
    incoming.resume().once('end', () => outgoing.writeHead(fault.status).end());
    return;
  }
  const { method, headers } = incoming;
  const forwarded = request(to, { method, headers }, (answer) => {
    const kept = { ...answer.headers };
    if (fault !== 'none' && 'truncateAfter' in fault) delete kept['content-length'];
    outgoing.writeHead(answer.statusCode ?? 502, kept);
    outgoing.flushHeaders();
    const spoiled = fault === 'none' ? answer : answer.pipe(spoil(outgoing, fault));
    spoiled.pipe(outgoing);
  });
  forwarded.on('error', () => outgoing.destroy());
  outgoing.on('close', () => forwarded.destroy());
  if (fault !== 'none' && 'cutRequestAfter' in fault) {
    incoming.pipe(cutAfter(fault.cutRequestAfter, () => incoming.destroy())).pipe(forwarded);
  } else if (fault !== 'none' && 'wrongRequestByteAt' in fault) {
    incoming.pipe(wrongByte(fault.wrongRequestByteAt)).pipe(forwarded);
  } else incoming.pipe(forwarded);
}

function spoil(outgoing: ServerResponse, fault: Exclude<Fault, string>): Transform {
  if ('breakAfter' in fault) {
    return cutAfter(fault.breakAfter, () => void setTimeout(() => outgoing.destroy(), 20));
  }
  if ('stallAfter' in fault) return cutAfter(fault.stallAfter, () => undefined);
  if ('truncateAfter' in fault) return cutAfter(fault.truncateAfter, () => outgoing.end());
  if ('wrongByteAt' in fault) return wrongByte(fault.wrongByteAt);
  if ('bytesPerSecond' in fault) return slow(fault.bytesPerSecond);
  return new Transform({ transform: (chunk, _, done) => done(null, chunk) });
}

/** Passes so many bytes, then tells, and passes nothing any more; a body that is shorter passes whole. */
function cutAfter(limit: number, cut: () => void): Transform {
  let left = limit;
  let isCut = false;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const part = chunk.subarray(0, left);
      const now = !isCut && chunk.length >= left;
      left -= part.length;
      done(null, part);
      if (!now) return;
      isCut = true;
      cut();
    },
    // The end of what was cut does not pass either.
    flush: (done) => void (isCut || done()),
  });
}

function wrongByte(position: number): Transform {
  let at = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const copy = Buffer.from(chunk);
      const inside = position - at;
      if (inside >= 0 && inside < copy.length) copy[inside] = copy[inside]! ^ 1;
      at += copy.length;
      done(null, copy);
    },
  });
}

function slow(bytesPerSecond: number): Transform {
  return new Transform({
    transform: (chunk: Buffer, _, done) =>
      void setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000),
  });
}
