import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const Attribute = z.object({
  key: z.string(),
  value: z.object({ stringValue: z.string().optional(), intValue: z.number().optional() }),
});
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(Attribute),
  events: z.array(z.object({ name: z.string() })).optional(),
});
const Request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

/** A span as a collector gets it, with the service that told it. */
export interface ToldSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly events: readonly string[];
}

export interface Collector {
  readonly endpoint: string;
  readonly spans: readonly ToldSpan[];
  close(): void;
}

/** An OTLP receiver (HTTP, JSON) that keeps every span. */
export async function startCollector(): Promise<Collector> {
  const spans: ToldSpan[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      spans.push(...spansOf(JSON.parse(body)));
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    spans,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const strings = (attributes: readonly z.infer<typeof Attribute>[]): Record<string, string | undefined> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

function spansOf(body: unknown): ToldSpan[] {
  return Request.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes, events = [], parentSpanId, ...span }) => ({
        ...span,
        parentSpanId: parentSpanId || undefined,
        service: strings(resource.attributes)['service.name'] ?? '',
        attributes: strings(attributes),
        events: events.map(({ name }) => name),
      })),
    ),
  );
}
