import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assayProcess } from '../cli/process.js';
import { toyConfig } from '../fakes/toyRun.js';
import { startCluster, type Cluster } from '../faults/cluster.js';
import { startCollector, type Collector, type ToldSpan } from './collector.js';

const YAML = `
name: traced
dataset:
  source: toy.csv
  columns: { id: id, target: label, text: [text], split: split }
  split: { by: column }
importance: { folds: 2, refinements: 0 }
loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 1, policies: [clip] }
crossValidate: { folds: 0 }
`;

describe('what a run tells an OpenTelemetry collector', () => {
  let cluster: Cluster;
  let collector: Collector;
  let typed: ToldSpan[] = []; // of the run that `assay run` started
  let other: ToldSpan[] = []; // of one that somebody else started

  before(async () => {
    [cluster, collector] = await Promise.all([startCluster(150, 0.1), startCollector()]);
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    const worker = await cluster.startWorker('traced', {}, { environment });
    await writeFile(join(cluster.folder, 'assay.yaml'), YAML);
    const command = ['run', 'assay.yaml', '--watch', '--address', cluster.address];
    const child = assayProcess(command, {
      cwd: cluster.folder,
      env: { ...environment, TEMPORAL_ADDRESS: '' },
    });
    child.stdout.resume();
    await once(child, 'close');
    const config = toyConfig(join(cluster.folder, 'toy.csv'), { crossValidate: { folds: 0 } });
    const handle = await cluster.start('train/toy/other', config);
    await handle.result();
    const ended = once(worker.process, 'exit');
    worker.process.kill('SIGTERM'); // what it has left is sent
    await ended;
    const traceOf = (name: string, service: string): string =>
      collector.spans.find((span) => span.name === name && span.service === service && !span.parentSpanId)
        ?.traceId ?? '';
    const trace = (id: string): ToldSpan[] => collector.spans.filter(({ traceId }) => traceId === id);
    typed = trace(traceOf('StartWorkflow:train', 'assay'));
    other = trace(traceOf('RunWorkflow:train', 'assay-worker'));
  });
  after(async () => {
    collector.close();
    await cluster.stop();
  });

  const parentOf = (trace: readonly ToldSpan[], { parentSpanId }: ToldSpan): ToldSpan | undefined =>
    trace.find(({ spanId }) => spanId === parentSpanId);
  /** Names from a span up to the root. */
  function path(trace: readonly ToldSpan[], span: ToldSpan | undefined): string[] {
    return span === undefined ? [] : [`${span.service} ${span.name}`, ...path(trace, parentOf(trace, span))];
  }

  it('is one trace: command, workflow, activities, trainer children', () => {
    const fit = typed.find(({ name }) => name === 'Train:fit');
    assert.deepEqual(path(typed, fit), [
      'assay-trainer Train:fit',
      'assay-worker RunActivity:fit',
      'assay-worker StartActivity:fit',
      'assay-worker RunWorkflow:train',
      'assay StartWorkflow:train',
    ]);
  });

  it('begins with the workflow where somebody else started the run', () => {
    const fit = other.find(({ name }) => name === 'Train:fit');
    assert.equal(path(other, fit).at(-1), 'assay-worker RunWorkflow:train');
  });

  it('has every stage, each within the same trace', () => {
    const trained = other.filter(({ service }) => service === 'assay-trainer').map(({ name }) => name);
    for (const stage of ['ingest', 'clean', 'featurize', 'fit', 'choose', 'analyse', 'report']) {
      assert.ok(trained.includes(`Train:${stage}`), `${stage}: ${trained.join(', ')}`);
    }
    assert.deepEqual(
      other
        .filter((span) => span.parentSpanId !== undefined && !parentOf(other, span))
        .map(({ name }) => name),
      [],
      'spans whose parent was not told',
    );
  });

  it('names run, path and stage key of a stage', () => {
    const { attributes } = other.find(({ name }) => name === 'Train:ingest')!;
    assert.equal(attributes['assay.run'], 'train/toy/other');
    assert.equal(attributes['assay.path'], 'ingest');
    assert.match(attributes['assay.stage_key'] ?? '', /^[0-9a-f]{64}$/);
  });

  it('tells no span of those who only look', () =>
    assert.deepEqual(
      collector.spans.filter(({ name }) => /Query/.test(name)).map(({ name }) => name),
      [],
    ));
});
