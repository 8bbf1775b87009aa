import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { temporaryFolder } from '../storage/workspace.js';
import { assay as runAssay } from './process.js';
import { finishedToyRun, TOY_RUN, type ToyRun } from './toyRun.js';

let toy: ToyRun;
before(async () => (toy = await finishedToyRun()));
after(() => rmSync(toy.folder, { recursive: true, force: true }));

/** A copy of the finished run's `.assay`, for tests that change it. */
async function copyOf(t: TestContext): Promise<string> {
  const root = join(await temporaryFolder(t), '.assay');
  cpSync(toy.where.root, root, { recursive: true });
  return root;
}

const assay = (args: readonly string[], root = toy.where.root) =>
  runAssay(['artifacts', ...args], { env: { ASSAY_DIRECTORY: root } });

/** Makes everything in a store look as if it was written so many days ago. */
function age(root: string, days: number): void {
  const past = new Date(Date.now() - days * 24 * 3600_000);
  const store = join(root, 'store');
  for (const path of readdirSync(store, { recursive: true, encoding: 'utf8' })) {
    utimesSync(join(store, path), past, past);
  }
}

const json = async <T>(args: readonly string[], root?: string): Promise<T> => {
  const { code, stdout, stderr } = await assay([...args, '--json'], root);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
};

interface Ref {
  readonly kind: string;
  readonly key: string;
  readonly sha256: string;
  readonly rows: number;
}

interface Tree {
  readonly artifact: string;
  readonly stages: readonly string[];
  readonly children: readonly Tree[];
}

const kindsIn = ({ artifact, children }: Tree): string[] => [
  artifact.split('/')[1]!,
  ...children.flatMap(kindsIn),
];

describe('assay artifacts', () => {
  it('lists what the store holds, by kind and by run', async () => {
    const all = await json<Ref[]>(['list']);
    const models = await json<Ref[]>(['list', '--kind', 'model', '--run', 'toy']);
    assert.ok(models.length > 0 && models.length < all.length);
    assert.ok(models.every(({ kind }) => kind === 'model'));
    const { stdout } = await assay(['list', '--kind', 'dataset']);
    assert.match(stdout, /dataset\/[0-9a-f]{12} .*603 .*\n2 artifacts, .* in file:/);
  });

  it('shows what made an artifact, what read it and which run', async () => {
    const tables = await json<Ref[]>(['list', '--kind', 'samples', '--run', 'toy']);
    const whole = tables.toSorted((a, b) => b.rows - a.rows)[0]!;
    const { stdout } = await assay(['show', whole.sha256.slice(0, 10)]);
    assert.match(stdout, /columns .*row int32, id utf8/);
    assert.match(stdout, /made by .*featurize/);
    assert.match(stdout, new RegExp(`runs .*${TOY_RUN}`));
  });

  it('follows lineage back from a model to the dataset, and forwards to the report', async () => {
    const models = await json<Ref[]>(['list', '--kind', 'model', '--run', 'toy']);
    const [back] = await json<Tree[]>(['lineage', `model/${models[0]!.sha256.slice(0, 16)}`]);
    assert.ok(kindsIn(back!).includes('dataset'));
    const [forth] = await json<Tree[]>(['lineage', TOY_RUN, '--forwards']);
    assert.ok(['model', 'scores', 'report'].every((kind) => kindsIn(forth!).includes(kind)));
    const { stdout } = await assay(['lineage', 'toy']);
    assert.match(stdout, /^report\/[0-9a-f]{12}\n {2}\w+\/[0-9a-f]{12} {2}\(report\)/);
  });

  it('says which models learned from a sample, and that none did from one that cleaning dropped', async () => {
    const trained = await json<{ learnedFromIt: string[]; chosenOrJudgedWithIt: string[] }>([
      'lineage',
      '--sample',
      'r0000',
    ]);
    assert.ok(trained.learnedFromIt.length > 0);
    const dropped = await json<{ learnedFromIt: string[]; heldBy: Ref[] }>(['lineage', '--sample', 'blank']);
    assert.deepEqual(dropped.learnedFromIt, []);
    assert.deepEqual(dropped.heldBy.map(({ kind }) => kind).sort(), ['dataset', 'quarantine']);
    const tested = await json<{ learnedFromIt: string[]; chosenOrJudgedWithIt: string[] }>([
      'lineage',
      '--sample',
      'r0009',
    ]);
    assert.deepEqual(tested.learnedFromIt, []);
    assert.equal((await assay(['lineage', '--sample', 'nobody'])).code, 6);
  });

  it('verifies all hashes; names what is altered or gone, and ends with 1', async (t) => {
    assert.match((await assay(['verify', '--all'])).stdout, /✓ \d+ artifacts, .* all as they were written/);
    const root = await copyOf(t);
    const [first, second] = await json<Ref[]>(['list', '--kind', 'scores'], root);
    const manifest = (ref: Ref) =>
      JSON.parse(readFileSync(join(root, 'store', ref.key), 'utf8')) as { parts: Ref[] };
    const part = manifest(first!).parts[0]!.key;
    const bytes = readFileSync(join(root, 'store', part));
    bytes[100]! ^= 1;
    writeFileSync(join(root, 'store', part), bytes);
    rmSync(join(root, 'store', second!.key));
    const { code, stdout } = await assay(['verify', '--all'], root);
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`${part} is altered: expected SHA-256`));
    assert.match(stdout, new RegExp(`${second!.key} is missing: \\w+ (wrote|read) it`));
  });

  it('prunes nothing that is young; all of an old run but its model, after asking; and leaves a sound store', async (t) => {
    const root = await copyOf(t);
    assert.match(
      (await assay(['prune', '--keep-runs', '0'], root)).stdout,
      /1 stay, 0 go\nwould go: 0 cache entries, 0 artifacts/,
    );
    age(root, 40);
    const { stdout } = await assay(['prune'], root);
    assert.match(stdout, /0 stay, 1 go\n {2}train\/toy.*\nwould go: [1-9]/);
    assert.match(stdout, /Nothing was removed\. Add --yes/);
    assert.equal((await json<{ done: unknown }>(['prune', '--keep-runs', '1'], root)).done, null);
    assert.match((await assay(['prune', '--keep-runs', '1', '--yes'], root)).stdout, /removed \d+ objects/);
    assert.equal((await assay(['verify', '--all'], root)).code, 0);
    const models = await json<Ref[]>(['list', '--run', 'toy', '--kind', 'model'], root);
    assert.ok(models.length > 0);
    assert.match((await assay(['prune', '--yes'], root)).stdout, /removed [1-9]/);
    const kinds = new Set((await json<Ref[]>(['list'], root)).map(({ kind }) => kind));
    assert.ok(kinds.has('model'), 'the registered version stays, with what it needs to predict');
    assert.ok(!kinds.has('report') && !kinds.has('predictions'), [...kinds].join(', '));
    assert.equal((await assay(['verify', '--all'], root)).code, 0);
  });

  it('forgets a sample: tables without it, models marked and then removed, a record without its id', async (t) => {
    const root = await copyOf(t);
    const id = 'r0000';
    const dry = await assay(['forget', '--sample', id], root);
    assert.match(
      dry.stdout,
      /would write again without it: 2 tables[^]*would mark as to be retrained: [1-9][^]*Nothing was done/,
    );
    const { record } = await json<{
      record: { rewritten: { from: Ref; to: Ref }[]; retrain: Ref[]; endedAt: string };
    }>(['forget', '--sample', id, '--by', 'privacy@example.org', '--yes'], root);
    assert.deepEqual(
      record.rewritten.map(({ from, to }) => from.rows - to.rows),
      [1, 1],
    );
    assert.ok(record.endedAt !== null && record.retrain.some(({ kind }) => kind === 'model'));
    assert.equal((await assay(['lineage', '--sample', id], root)).code, 6);
    assert.equal((await assay(['verify', '--all'], root)).code, 0);
    assert.match((await assay(['list', '--kind', 'model'], root)).stdout, /to be retrained/);
    const folder = join(root, 'store', 'forgotten');
    const [hash = ''] = readdirSync(folder);
    const [name = ''] = readdirSync(join(folder, hash));
    const text = readFileSync(join(folder, hash, name), 'utf8');
    assert.ok(text.includes('privacy@example.org') && !text.includes(id));
    age(root, 400);
    await assay(['prune', '--yes'], root);
    assert.ok((await json<Ref[]>(['list', '--kind', 'model'], root)).length > 0, 'marked models stay');
    await assay(['forget', '--sample', id, '--with-models', '--yes'], root);
    assert.deepEqual(await json<Ref[]>(['list', '--kind', 'model'], root), []);
    assert.match((await assay(['forget', '--sample', id], root)).stdout, /nothing .* holds r0000/);
  });

  const mistakes: { args: string[]; code: number; want: RegExp }[] = [
    { args: ['show', 'model/ffffffff'], code: 6, want: /no artifact "model\/ffffffff"/ },
    { args: ['lineage'], code: 2, want: /expected an artifact, a run or --sample/ },
    { args: ['prune', '--older-than', '3'], code: 2, want: /expected 12h, 30d or 8w, got "3"/ },
    { args: ['verify'], code: 2, want: /expected an artifact, or --all/ },
    { args: ['list', '--kind', 'cake'], code: 2, want: /Allowed choices/ },
  ];
  it('says what is wrong with what was typed', async () => {
    for (const { args, code, want } of mistakes) {
      const told = await assay(args);
      assert.equal(told.code, code, args.join(' '));
      assert.match(told.stderr, want);
    }
  });
});
