import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTracingOn, openTracing } from '../../../infra/tracing/open.js';

const cases: { name: string; environment: NodeJS.ProcessEnv; want: boolean }[] = [
  { name: 'nothing is set', environment: {}, want: false },
  { name: 'an endpoint is set', environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, want: true },
  {
    name: 'an endpoint for traces is set',
    environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' },
    want: true,
  },
  { name: 'the exporter is asked for by name', environment: { OTEL_TRACES_EXPORTER: 'otlp' }, want: true },
  {
    name: 'the exporter is none',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' },
    want: false,
  },
  {
    name: 'OpenTelemetry is switched off',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'TRUE' },
    want: false,
  },
];

describe('traces', () => {
  for (const { name, environment, want } of cases) {
    it(`are ${want ? 'told' : 'not told'} where ${name}`, () => assert.equal(isTracingOn(environment), want));
  }

  it('load nothing where they are off', async () => assert.equal(await openTracing('assay', {}), undefined));
});
