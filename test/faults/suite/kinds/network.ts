import type { IncomingMessage } from 'node:http';
import type { Random } from '../../../../core/random.js';
import type { Fault } from '../../../storage/faultProxy.js';
import { sudden } from '../kind.js';
import type { Scene } from '../scene.js';

/** Within the smallest of objects, so that every fault has an effect. */
const WITHIN_BYTES = 300;

/** A burst of requests that go wrong, from the point on. */
interface Burst {
  readonly name: string;
  readonly what: string;
  /** Longest burst. */
  readonly most: number;
  /** The fault, or undefined where this request can't have it. */
  fault(request: IncomingMessage, random: Random): Fault | undefined;
}

const isRead = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && !url.includes('list-type');
/** Only bodies of whole objects have a checksum: not lists, ranges, and what answers writes. */
const isWholeRead = (request: IncomingMessage): boolean =>
  isRead(request) && request.headers.range === undefined;
const isWrite = ({ method, headers }: IncomingMessage): boolean =>
  method === 'PUT' && Number(headers['content-length'] ?? 0) > WITHIN_BYTES;

const burst = ({ name, what, most, fault }: Burst) =>
  sudden({
    name,
    what,
    stores: ['s3'],
    cause: /^(Store\w*Error|TrainerCrashedError): .*s3:\/\/faults\/.* at 127\.0\.0\.1:\d+/,
    whyNot: ({ network }) => (typeof network === 'string' ? network : undefined),
    now(scene) {
      const count = 1 + scene.random.below(most);
      const spoiled = spoil(scene, count, fault);
      return Promise.resolve({
        where: `${String(count)} requests`,
        problems: () => Promise.resolve(spoiled() === 0 ? [`${name}: no request came by to be spoiled`] : []),
      });
    },
  });

/** Spoils the next requests that can be, once an earlier burst is over. @returns how many have been */
function spoil({ network, random }: Scene, count: number, fault: Burst['fault']): () => number {
  let spoiled = 0;
  const before = network!.decide;
  network!.decide = (request, number) => {
    const earlier = before(request, number);
    if (earlier !== 'none') return earlier;
    const chosen = spoiled < count ? fault(request, random) : undefined;
    if (chosen === undefined) return 'none';
    spoiled++;
    return chosen;
  };
  return () => spoiled;
}

export const refused = burst({
  name: 'store 503',
  what: 'the store answers 503',
  most: 60,
  fault: () => ({ status: 503 }),
});

export const slow = burst({
  name: 'store slow',
  what: 'the store answers at 20 to 100 kB/s',
  most: 20,
  fault: (request, random) =>
    isRead(request) ? { bytesPerSecond: 20_000 + random.below(80_000) } : undefined,
});

export const stalled = burst({
  name: 'store stalls',
  what: 'answers stop within the body, connections stay open',
  most: 6,
  fault: (request, random) => (isRead(request) ? { stallAfter: random.below(WITHIN_BYTES) } : undefined),
});

export const cutOff = burst({
  name: 'connections cut',
  what: 'connections are cut within a request or an answer',
  most: 20,
  fault(request, random) {
    if (isRead(request)) return { breakAfter: random.below(WITHIN_BYTES) };
    return isWrite(request) ? { cutRequestAfter: random.below(WITHIN_BYTES) } : undefined;
  },
});

export const truncated = burst({
  name: 'bodies truncated',
  what: 'answers end early and look whole',
  most: 12,
  fault: (request, random) =>
    isWholeRead(request) ? { truncateAfter: random.below(WITHIN_BYTES) } : undefined,
});

export const wrongBytes = burst({
  name: 'wrong bytes',
  what: 'one byte of a body is another one, on its way to the store or from it',
  most: 12,
  fault(request, random) {
    if (isWholeRead(request)) return { wrongByteAt: random.below(WITHIN_BYTES) };
    return isWrite(request) ? { wrongRequestByteAt: random.below(WITHIN_BYTES) } : undefined;
  },
});
