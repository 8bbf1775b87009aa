import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { DYNAMIC_CONFIG } from '../../infra/temporal/startServer.js';
import { repositoryRoot } from '../paths.js';
import { workerOptions } from './workerOptions.js';

const infra = join(repositoryRoot, 'infra');
const read = (path: string): string => readFileSync(join(infra, path), 'utf8');
/** Digits with dots: no `latest`, no moving `12`. */
const EXACT_TAG = /:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)*(@sha256:[0-9a-f]{64})?$/u;

const seconds = (text: string): number => Number(/^(\d+)s$/u.exec(text)![1]);

it('limits of queues are one number, or one of each', () => {
  const limits = (text: string): unknown => workerOptions(['worker', '--concurrency', text]).concurrency;
  assert.deepEqual(limits('3'), { cpu: 3, gpu: 3 });
  assert.deepEqual(limits('cpu=8, gpu=1'), { cpu: 8, gpu: 1 });
  assert.deepEqual(limits('gpu=1'), { gpu: 1 });
  for (const wrong of ['0', 'cpu=', 'cpu=two', 'cpu=1,workflow=2']) assert.throws(() => limits(wrong), wrong);
});

describe('images', () => {
  const images = readdirSync(join(infra, 'images')).filter((name) => name.endsWith('.Dockerfile'));
  for (const image of images) {
    it(`of ${image} run as nobody in particular, from a locked install`, () => {
      const lines = read(`images/${image}`).replaceAll('\\\n', ' ').split('\n');
      const at = (start: string): number => lines.findLastIndex((line) => line.startsWith(start));
      const bases = lines.flatMap((line) => /^FROM (\S+)/u.exec(line)?.[1] ?? []);
      assert.equal(bases.length, 2, 'built in one stage, run in another');
      for (const base of bases) assert.match(base, EXACT_TAG);
      assert.match(lines[at('USER ')]!, /^USER (?!root)/u);
      assert.ok(at('USER ') > at('FROM ') && at('USER ') < at('ENTRYPOINT '));
      assert.ok(lines.includes('RUN npm ci'));
      const [entry] = JSON.parse(lines[at('CMD ')]!.slice(4)) as string[];
      assert.equal(entry, 'worker');
      workerOptions(JSON.parse(lines[at('CMD ')]!.slice(4)) as string[]);
      const ignored = read(`images/${image}.dockerignore`).split('\n');
      for (const name of ['.git', '.assay', 'node_modules']) assert.ok(ignored.includes(name), name);
    });
  }
});

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
}

describe('compose.yaml', () => {
  const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };

  for (const [name, service] of Object.entries(services)) {
    it(`opens ${name} to this machine only, at a fixed version, without a password in the file`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/u);
      if (service.build === undefined) assert.match(service.image!, EXACT_TAG);
      for (const [key, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|PWD|SECRET|ACCESS_KEY/u.test(key)) assert.match(value, /^\$\{[A-Z_0-9]+:\?.+\}$/u, key);
      }
    });

    it(`mounts into ${name} what is there`, () => {
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        assert.ok(from.startsWith('.') ? existsSync(resolve(infra, from)) : from in volumes, volume);
      }
    });
  }

  it('is what Compose takes', () => {
    // test/fixtures/compose/make.py takes the schema from the Compose Specification.
    const fixture = readFileSync(join(repositoryRoot, 'test/fixtures/compose/schema.json'), 'utf8');
    const schema = z.fromJSONSchema(JSON.parse(fixture) as Parameters<typeof z.fromJSONSchema>[0]);
    const asked = (change: object): boolean =>
      schema.safeParse({ ...(parse(read('compose.yaml'), { merge: true }) as object), ...change }).success;
    assert.ok(asked({}));
    assert.ok(!asked({ services: { worker: { image: 'assay-cpu', read_olny: true } } }), 'it looks at them');
    assert.ok(!asked({ services: { worker: { image: 'assay-cpu', ports: 7233 } } }));
  });

  it('names every variable of the example, and no other', () => {
    const wanted = new Set([...read('compose.yaml').matchAll(/\$\{([A-Z_0-9]+):/gu)].map(([, name]) => name));
    const given = [...read('compose/example.env').matchAll(/^([A-Z_0-9]+)=/gmu)].map(([, name]) => name);
    assert.deepEqual([...wanted].sort(), given.sort());
  });

  it('gives a worker longer to stop than it asks for, and a root that it can not write', () => {
    const service = services['worker']!;
    const { grace, role } = workerOptions(service.command!);
    assert.ok(seconds(service.stop_grace_period!) * 1000 > grace);
    assert.deepEqual(role, ['workflow', 'cpu']);
    assert.equal(service.read_only, true);
  });

  it('serves rules and dashboard that are there', () => {
    for (const file of ['prometheus.yaml', 'grafana.yaml', 'dashboards.yaml', 'temporal.yaml']) {
      assert.ok(parse(read(`compose/${file}`)), file);
    }
    assert.match(read('compose/prometheus.yaml'), /job_name: assay/u); // the alerts ask for this job
  });

  it('sets what our own servers set, and what docs/operations.md lists', () => {
    const set = Object.entries(DYNAMIC_CONFIG).map(([key, value]) => [key, [{ value }]] as const);
    assert.deepEqual(parse(read('compose/temporal.yaml')), Object.fromEntries(set));
    const lines = read('compose/temporal.yaml')
      .split('\n')
      .filter((line) => /^\w/u.test(line));
    assert.ok(read('../docs/operations.md').includes(lines.join('\n')));
  });
});
