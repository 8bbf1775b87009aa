import { context, propagation, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** A collector that is away must not hold up a process that ends. */
const FLUSH_WITHIN_MS = 2_000;

/** Where a span belongs, as W3C Trace Context writes it. */
export type Traceparent = string;

/** Tracing of this process. */
export interface Tracing {
  readonly resource: Resource;
  readonly processor: SpanProcessor;
  /** Of the span that is open here; undefined outside of any. */
  traceparent(): Traceparent | undefined;
  /** A span around some work, below one of another process. */
  within<T>(
    parent: Traceparent | undefined,
    span: { readonly name: string; readonly attributes: Attributes },
    work: (span: Pick<Span, 'addEvent'>) => Promise<T>,
  ): Promise<T>;
  /** Sends what is left. Never rejects. */
  stop(withinMs?: number): Promise<void>;
}

/** Sends spans by OTLP over HTTP, as JSON; endpoint, headers, sampling and batches are by the OTEL_* variables. */
export function startTracing(service: string): Tracing {
  const resource = new Resource({ 'service.name': service }).merge(envDetectorSync.detect());
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  const tracer = provider.getTracer('assay');
  return {
    resource,
    processor,
    traceparent() {
      const carrier: { traceparent?: Traceparent } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent;
    },
    within(traceparent, { name, attributes }, work) {
      const parent = propagation.extract(context.active(), traceparent === undefined ? {} : { traceparent });
      const span = tracer.startSpan(name, { attributes }, parent);
      return context.with(trace.setSpan(parent, span), () => ended(span, () => work(span)));
    },
    async stop(withinMs = FLUSH_WITHIN_MS) {
      const late = new Promise<void>((resolve) => void setTimeout(resolve, withinMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
    throw error;
  } finally {
    span.end();
  }
}
