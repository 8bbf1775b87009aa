import type { Tracing } from './provider.js';

/** Of a workflow bundle whose workflows tell spans. */
export const TRACING_MODULES = ['@temporalio/interceptors-opentelemetry/lib/workflow-interceptors'];

/** Who tells spans, unless OTEL_SERVICE_NAME says another name. */
export type Service = 'assay' | 'assay-worker' | 'assay-trainer';

/**
 * Whether the environment asks for traces, by OpenTelemetry's own variables: an OTLP endpoint, or
 * `OTEL_TRACES_EXPORTER=otlp` for the one on this machine. Off otherwise.
 */
export function isTracingOn(environment: NodeJS.ProcessEnv): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  if (OTEL_SDK_DISABLED?.toLowerCase() === 'true' || OTEL_TRACES_EXPORTER === 'none') return false;
  return (
    OTEL_TRACES_EXPORTER === 'otlp' ||
    Boolean(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'])
  );
}

/** Starts to trace this process, where that is asked for; nothing of OpenTelemetry is loaded otherwise. */
export async function openTracing(
  service: Service,
  environment: NodeJS.ProcessEnv,
): Promise<Tracing | undefined> {
  if (!isTracingOn(environment)) return undefined;
  const { startTracing } = await import('./provider.js');
  return startTracing(environment['OTEL_SERVICE_NAME'] || service);
}
