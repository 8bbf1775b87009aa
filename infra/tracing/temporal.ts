import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import type { Tracing } from './provider.js';

/** Spans around starting runs and sending Updates; they are the beginning of the run's trace. */
export function clientInterceptor(): WorkflowClientInterceptor {
  const all = new OpenTelemetryWorkflowClientInterceptor();
  // Not around queries: who watches a run asks many times a second.
  return {
    startWithDetails: (input, next) => all.startWithDetails(input, next),
    startUpdate: (input, next) => all.startUpdate(input, next),
  };
}

/** What makes a worker tell spans of workflows and activities. Its workflow bundle must be the traced one. */
export const workerTracing = ({
  processor,
  resource,
}: Tracing): Pick<WorkerOptions, 'interceptors' | 'sinks'> => ({
  interceptors: {
    activity: [(activity) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(activity) })],
  },
  sinks: { exporter: makeWorkflowExporter(processor, resource) },
});
