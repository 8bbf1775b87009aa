import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { TASK_QUEUE, type Role } from '../../contracts/names.js';
import { repositoryRoot } from '../paths.js';
import { workerOptions } from './workerOptions.js';

interface Trigger {
  readonly type: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: { readonly spec: PodSpec };
    readonly triggers?: readonly Trigger[];
    readonly scaleTargetRef?: { readonly name: string };
    readonly secretTargetRef?: readonly {
      readonly parameter: string;
      readonly name: string;
      readonly key: string;
    }[];
    readonly advanced?: { readonly scalingModifiers: { readonly formula: string } };
  };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
  }[];
}

const chart = join(repositoryRoot, 'infra/helm/assay');
/** Told, not guessed: a helm that was built from source takes itself to speak to an ancient one. */
const KUBERNETES = ['--kube-version', '1.31.0'];

/** True where a program can be run; else the test is skipped, and says so. */
function has(t: TestContext, program: string, why: string): boolean {
  if (spawnSync(program, ['version'], { stdio: 'ignore' }).error === undefined) return true;
  t.skip(`${program} is not on PATH: ${why}`);
  return false;
}

const rendered = (...set: string[]): string =>
  execFileSync('helm', ['template', 'shop', chart, ...KUBERNETES, ...set.flatMap((one) => ['--set', one])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const manifestsOf = (...set: string[]): Manifest[] =>
  parseAllDocuments(rendered('store.uri=s3://b/p', ...set)).map((one) => one.toJS() as Manifest);

describe('the Helm chart', () => {
  const why = 'the chart is not rendered';

  it('has a queue of ours for each worker', () => {
    const { workers } = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as {
      workers: Record<Role, { queue: string }>;
    };
    for (const [role, { queue }] of Object.entries(workers)) assert.equal(queue, TASK_QUEUE[role as Role]);
    assert.deepEqual(Object.keys(workers).sort(), Object.keys(TASK_QUEUE).sort());
  });

  it('renders workers that stop in time, own nothing, and are scaled on their queue', (t) => {
    if (!has(t, 'helm', why)) return;
    const all = manifestsOf();
    const deployments = all.filter(({ kind }) => kind === 'Deployment');
    assert.equal(deployments.length, Object.keys(TASK_QUEUE).length);
    for (const { metadata, spec } of deployments) {
      const pod = spec.template!.spec;
      const [container] = pod.containers;
      const { grace, role } = workerOptions(container!.args);
      assert.ok(pod.terminationGracePeriodSeconds * 1000 > grace);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(container!.securityContext.readOnlyRootFilesystem, true);
      assert.ok(container!.env.some(({ name, value }) => name === 'ASSAY_STORE' && value === 's3://b/p'));
      const scaled = all.find((one) => one.spec.scaleTargetRef?.name === metadata.name);
      if (scaled) assert.equal(scaled.spec.triggers![0]!.metadata['taskQueue'], TASK_QUEUE[role[0]!]);
      assert.equal(spec.replicas === undefined, scaled !== undefined, 'either a number or a scaler');
      assert.ok(all.some((one) => one.kind === 'PodDisruptionBudget' && one.metadata.name === metadata.name));
    }
    assert.equal(all.filter(({ kind }) => kind === 'ScaledObject').length, 2);
  });

  it('has numbers instead of scalers where there is no KEDA', (t) => {
    if (!has(t, 'helm', why)) return;
    const text = rendered('store.uri=s3://b/p', 'keda.enabled=false');
    assert.doesNotMatch(text, /ScaledObject/u);
    assert.equal([...text.matchAll(/^ {2}replicas: \d+$/gmu)].length, 3);
  });

  it('says what is missing where no store is named', (t) => {
    if (!has(t, 'helm', why)) return;
    assert.throws(() => rendered(), /store\.uri: expected s3:\/\/bucket\/prefix/u);
  });

  it('is what Kubernetes takes', (t) => {
    if (!has(t, 'helm', why)) return;
    if (!has(t, 'kubernetes-validate', 'manifests are not checked against schemas')) return;
    const path = join(mkdtempSync(join(tmpdir(), 'assay-chart-')), 'shop.yaml');
    t.after(() => rmSync(dirname(path), { recursive: true }));
    const check = (manifests: string): number | null => {
      writeFileSync(path, manifests);
      // It brings the schemas of built-in kinds; those of KEDA are looked at below.
      return spawnSync('kubernetes-validate', ['--strict', '-k', '1.31', path]).status;
    };
    const manifests = rendered('store.uri=s3://b/p', 'keda.enabled=false');
    assert.notEqual(check(manifests.replace(/replicas: \d+/u, 'replicas: many')), 0, 'it looks at them');
    assert.equal(check(manifests), 0);
    assert.equal(check(rendered('store.uri=s3://b/p')), 0);
  });
});

describe('what the Helm chart tells KEDA', () => {
  // test/fixtures/keda/make.py takes the schemas from KEDA's definitions, and the parameters from its Temporal scaler.
  const { specs, scaler } = JSON.parse(
    readFileSync(join(repositoryRoot, 'test/fixtures/keda/schemas.json'), 'utf8'),
  ) as {
    readonly specs: Readonly<Record<string, Parameters<typeof z.fromJSONSchema>[0]>>;
    readonly scaler: Readonly<Record<string, Parameter>>;
  };
  const why = "KEDA's objects are not rendered";
  const everything = ['temporal.secretName=cloud', 'keda.prometheus=http://prometheus:9090'];
  const isTaken = ({ kind, spec }: Manifest, change: object = {}): boolean =>
    z.fromJSONSchema(specs[kind]!).safeParse({ ...spec, ...change }).success;
  const triggersOf = (all: readonly Manifest[]): Trigger[] => all.flatMap(({ spec }) => spec.triggers ?? []);

  it('is what KEDA takes', (t) => {
    if (!has(t, 'helm', why)) return;
    for (const set of [[], everything]) {
      const ours = manifestsOf(...set).filter(({ kind }) => kind in specs);
      assert.equal(ours.length, set.length === 0 ? 2 : 3);
      for (const one of ours) {
        assert.ok(isTaken(one), one.metadata.name);
        assert.ok(!isTaken(one, { minReplicas: 1 }), 'it looks at them');
      }
      const scaled = ours.find(({ kind }) => kind === 'ScaledObject')!;
      assert.ok(!isTaken(scaled, { triggers: [{ type: 'temporal', metadata: { targetQueueSize: 4 } }] }));
      assert.ok(!isTaken(scaled, { maxReplicaCount: 0 }));
    }
  });

  it('are parameters that its Temporal scaler reads, all that it must have among them', (t) => {
    if (!has(t, 'helm', why)) return;
    const all = manifestsOf(...everything);
    const triggers = triggersOf(all).filter(({ type }) => type === 'temporal');
    assert.equal(triggers.length, 2);
    for (const { metadata } of triggers) {
      assert.deepEqual(unreadable(metadata, scaler), []);
      assert.deepEqual(unreadable({ ...metadata, queueName: 'assay-cpu' }, scaler), ['queueName']);
      const { taskQueue: _without, ...rest } = metadata;
      assert.deepEqual(unreadable({ ...rest, targetQueueSize: 'four' }, scaler), [
        'taskQueue',
        'targetQueueSize',
      ]);
      assert.equal(metadata['queueTypes'], 'activity');
    }
  });

  it('is the secret of the workers, by the names that they read', (t) => {
    if (!has(t, 'helm', why)) return;
    assert.ok(triggersOf(manifestsOf()).every(({ authenticationRef }) => authenticationRef === undefined));
    const all = manifestsOf('temporal.secretName=cloud');
    const [authentication] = all.filter(({ kind }) => kind === 'TriggerAuthentication');
    for (const { authenticationRef } of triggersOf(all))
      assert.equal(authenticationRef!.name, authentication!.metadata.name);
    for (const { parameter, name, key } of authentication!.spec.secretTargetRef!) {
      assert.equal(name, 'cloud');
      assert.equal(scaler[parameter]!.from, 'authParams');
      assert.ok(environmentOfTemporal.includes(`'${key}'`), key);
    }
  });

  it('counts what is worked on too, where a Prometheus is named', (t) => {
    if (!has(t, 'helm', why)) return;
    for (const { spec } of manifestsOf(...everything).filter(({ kind }) => kind === 'ScaledObject')) {
      const names = spec.triggers!.map(({ name }) => name);
      assert.deepEqual(spec.advanced!.scalingModifiers.formula.split(' + '), names);
      const [waiting, working] = spec.triggers!.map(({ metadata }) => metadata);
      assert.ok(working!['query']!.includes(`task_queue="${waiting!['taskQueue']!}"`));
      assert.ok(working!['query']!.includes('namespace="default"'));
    }
  });
});

interface Parameter {
  readonly type: string;
  readonly from: string;
  readonly required: boolean;
  readonly deprecated?: boolean;
}

/** Where Temporal's SDK looks for what a secret holds. */
const environmentOfTemporal = readFileSync(
  join(repositoryRoot, 'node_modules/@temporalio/envconfig/lib/envconfig-toml.js'),
  'utf8',
);

/** Parameters that are missing, unknown, going away, read from elsewhere, or of another type. */
function unreadable(
  metadata: Readonly<Record<string, string>>,
  known: Readonly<Record<string, Parameter>>,
): string[] {
  const missing = Object.keys(known).filter((name) => known[name]!.required && !(name in metadata));
  const wrong = Object.entries(metadata).filter(([name, value]) => {
    const parameter = known[name];
    return (
      parameter?.from !== 'triggerMetadata' ||
      parameter.deprecated === true ||
      (parameter.type.startsWith('int') && !/^\d+$/u.test(value))
    );
  });
  return [...missing, ...wrong.map(([name]) => name)];
}
