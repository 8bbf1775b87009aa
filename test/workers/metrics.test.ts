import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { freePorts } from '../../infra/freePort.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { startCluster, untilStatus, type Cluster, type WorkerProcess } from '../faults/cluster.js';
import { repositoryRoot } from '../paths.js';
import { labelsAsked, metricNames, problems } from './promql.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' text format. */
function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) return [];
    const pairs = [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const labels = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
    return [{ name: found[1]!, labels, value: Number(found[3]) }];
  });
}

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

describe('what a worker tells Prometheus', () => {
  let cluster: Cluster;
  let metrics = '';
  let health = '';
  let scraped: Sample[] = [];
  const runId = 'train/toy/measured';
  const scrape = async (): Promise<Sample[]> => samplesOf(await (await fetch(metrics)).text());
  /** A network, some of whose trainers are killed while they train it. */
  async function playNetwork({ trainerPids }: WorkerProcess): Promise<void> {
    const network = toyConfig(join(cluster.folder, 'toy.csv'), {
      ...QUICK,
      importance: { folds: 2, refinements: 0 },
      loop: { ...QUICK.loop, maxRounds: 0 },
      model: { name: 'mlp', hidden: [16], epochs: 40 },
    });
    const handle = await cluster.start('train/toy/network', network);
    await untilStatus(handle, ({ stages }) =>
      stages.some(({ path, state }) => path === 'train' && state === 'running'),
    );
    const trains = async (): Promise<boolean> =>
      samplesOf(await (await fetch(metrics)).text()).some(
        ({ name }) => name === 'assay_training_samples_per_second',
      );
    while (!(await trains())) await sleep(20);
    for (const pid of trainerPids) process.kill(pid, 'SIGKILL');
    await handle.result();
  }
  const where = (name: string, labels: Record<string, string> = {}): Sample[] =>
    scraped.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );

  before(async () => {
    cluster = await startCluster(200, 0.1);
    const [metricsPort = 0, healthPort = 0] = await freePorts(2);
    metrics = `http://127.0.0.1:${String(metricsPort)}/metrics`;
    health = `http://127.0.0.1:${String(healthPort)}`;
    const worker = await cluster.startWorker('measured', {
      metrics: `127.0.0.1:${String(metricsPort)}`,
      health: `127.0.0.1:${String(healthPort)}`,
    });
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      ...QUICK,
    });
    await (await cluster.start(runId, config)).result();
    const missing = { ...config, dataset: { ...config.dataset, source: '/no/such/file.csv' } };
    const blocked = await cluster.start('train/toy/blocked', missing);
    await (await cluster.start(`${runId}-again`, config)).result();
    await playNetwork(worker);
    // Gauges are taken every second, those of the server every 15.
    const end = Date.now() + 40_000;
    do {
      await sleep(500);
      scraped = await scrape();
    } while (where('assay_runs', { status: 'blocked' })[0]?.value !== 1 && Date.now() < end);
    await blocked.terminate();
  });
  after(() => cluster.stop());

  it('counts each stage by outcome, with its time', () => {
    const [ingest] = where('assay_stage_duration_seconds_count', { stage: 'ingest', outcome: 'done' });
    assert.ok((ingest?.value ?? 0) >= 1);
    const [took] = where('assay_stage_duration_seconds_sum', { stage: 'fit', outcome: 'done' });
    assert.ok((took?.value ?? 0) > 0);
    assert.equal(took?.labels['model'], 'linear');
  });

  it('counts failures, and what came from the cache', () => {
    assert.ok((where('assay_stage_failures_total', { stage: 'ingest' })[0]?.value ?? 0) >= 1);
    assert.ok((where('assay_stage_cache_hits_total', { stage: 'featurize' })[0]?.value ?? 0) >= 1);
  });

  it('counts attempts after the first: a killed trainer is one', () => {
    const retried = scraped.filter(({ name }) => name === 'assay_stage_retries_total');
    assert.ok(
      retried.some(({ labels, value }) => labels['stage'] !== 'ingest' && value >= 1),
      JSON.stringify(retried),
    );
  });

  it('tells how fast networks train', () => {
    const [speed] = where('assay_training_samples_per_second', { model: 'mlp' });
    assert.ok((speed?.value ?? 0) > 0, JSON.stringify(speed));
  });

  it('tells loss and effective sample size of the last training', () => {
    const [loss] = where('assay_training_loss', { model: 'linear' });
    assert.ok(loss && loss.value > 0, JSON.stringify(loss));
    const [size] = where('assay_effective_sample_size_ratio', { stage: 'weigh' });
    assert.match(size?.labels['policy'] ?? '', /^clip/);
    assert.ok(size && size.value > 0 && size.value <= 1, JSON.stringify(size));
  });

  it('tells runs, queues and trainer children', () => {
    assert.equal(where('assay_runs', { status: 'blocked' })[0]?.value, 1);
    assert.ok((where('assay_queue_pollers', { queue: 'assay-cpu' })[0]?.value ?? 0) >= 1);
    assert.equal(where('assay_queue_backlog', { queue: 'assay-gpu' })[0]?.value, 0);
    assert.ok((where('assay_trainer_children', { pool: 'cpu' })[0]?.value ?? 0) >= 1);
  });

  it("has Temporal's own beside them: how long tasks waited in the queue", () => {
    const name = 'temporal_activity_schedule_to_start_latency_seconds_count';
    assert.ok((where(name)[0]?.value ?? 0) > 0);
  });

  it('names no run, in no label', () => {
    const told = scraped
      .flatMap(({ labels }) => Object.values(labels))
      .filter((text) => text.includes(runId));
    assert.deepEqual(told, []);
  });

  it('says on another address that it is live and ready', async () => {
    assert.equal((await fetch(`${health}/healthz`)).status, 200);
    const ready = await fetch(`${health}/readyz`);
    assert.deepEqual(await ready.json(), { polls: 'ok', temporal: 'ok', store: 'ok' });
  });

  /** `up`, `job` and `instance` are Prometheus' own. */
  const exists = (name: string): boolean => name === 'up' || scraped.some((sample) => sample.name === name);
  /** Outcomes that this worker had no cause for are those of docs/monitoring.md. */
  const listed = (metric: string, value: string): boolean =>
    read('docs/monitoring.md')
      .split('\n')
      .some(
        (line) => line.includes(`\`${metric.replace(/_(bucket|sum|count)$/, '')}\``) && line.includes(value),
      );
  const missingLabels = (expression: string): string[] =>
    labelsAsked(expression).flatMap(({ metric, label, value }) => {
      if (metric === 'up' || label === 'instance') return [];
      const values = where(metric).flatMap(({ labels }) => labels[label] ?? []);
      const isThere =
        values.length > 0 && (value === undefined || values.includes(value) || listed(metric, value));
      return isThere ? [] : [`${expression}: ${metric} has no ${label} ${value ?? ''}`];
    });

  it('is what docs/monitoring.md lists, all of it and nothing else', () => {
    const documented = [...read('docs/monitoring.md').matchAll(/^\| `(assay_\w+)/gm)].map(
      ([, name = '']) => name,
    );
    const told = new Set(
      scraped
        .map(({ name }) => name)
        .filter((name) => name.startsWith('assay_'))
        .map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')),
    );
    assert.deepEqual(documented.sort(), [...told].sort());
  });

  it("has every metric that Grafana's dashboard asks for, in expressions that hold together", () => {
    const { panels } = JSON.parse(read('infra/monitoring/dashboard.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    assert.ok(asked.length >= 10);
    assert.deepEqual(asked.flatMap(problems), []);
    assert.deepEqual(asked.flatMap(missingLabels), []);
    assert.deepEqual(
      asked.flatMap(metricNames).filter((name) => !exists(name)),
      [],
    );
  });

  it('has every metric that the alert rules ask for, in expressions that hold together', () => {
    const { groups } = parse(read('infra/monitoring/alerts.yaml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 5);
    assert.ok(rules.every(({ alert, annotations }) => alert && annotations.summary));
    assert.deepEqual(
      rules.flatMap(({ expr }) => [...problems(expr), ...missingLabels(expr)]),
      [],
    );
    assert.deepEqual(
      rules.flatMap(({ expr }) => metricNames(expr)).filter((name) => !exists(name)),
      [],
    );
  });
});

describe('the small check of PromQL', () => {
  for (const wrong of ['sum(rate(x[5m])', 'sum by (le (x)', 'rat(x[5m])', 'x{a=b}', 'x[5 minutes]']) {
    it(`finds fault with ${wrong}`, () => assert.notDeepEqual(problems(wrong), []));
  }
  it('finds the labels that an expression asks for', () =>
    assert.deepEqual(labelsAsked('sum by (le, stage) (rate(a_total{b="c",d!="e"}[5m]))'), [
      { metric: 'a_total', label: 'b', value: 'c' },
      { metric: 'a_total', label: 'le' },
      { metric: 'a_total', label: 'stage' },
    ]));
  it('finds the metrics of an expression', () =>
    assert.deepEqual(metricNames('sum by (le) (rate(a_total{b="c_d"}[5m])) / max(e_f) > 0'), [
      'a_total',
      'e_f',
    ]));
});
