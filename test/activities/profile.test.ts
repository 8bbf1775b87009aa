import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import { profile } from '../../activities/profile.js';
import { Profile } from '../../contracts/drift.js';
import { CHAMPION } from '../../contracts/registry.js';
import { Columns } from '../../contracts/settings.js';
import type { StageContext } from '../../contracts/store.js';
import { mostChanged } from '../../report/sections/drift.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { csv, runClean } from './tableStages.js';

const dataset = {
  source: 't.csv',
  columns: { target: 'label', text: ['name'], id: 'id', split: 'side' },
  split: { by: 'column' as const },
};
const columns = Columns.parse(dataset.columns);
const SIDES = ['train', 'train', 'train', 'validation', 'test'];
const rows = (word: string): string =>
  csv(
    'id,name,label,side',
    ...Array.from({ length: 200 }, (_, i) => `r${i},${word} number${i},${i % 2},${SIDES[i % 5]!}`),
  );

async function profiled(
  context: StageContext,
  input: Parameters<typeof profile.run>[0]['inputs'],
  model?: string,
) {
  const params = { columns, ...(model === undefined ? {} : { model }) };
  const { outputs, figures } = await profile.run(
    { path: 'profile', seed: 1, params, inputs: input },
    context,
  );
  return { figures, found: Profile.parse(await readDocument(context.artifacts, outputs['profile']![0]!)) };
}

it('says the same of tables that are larger than memory', async () => {
  const { output, context } = await runClean({ 't.csv': rows('red') }, dataset);
  const small = await profiled(context, output.outputs);
  const asked: (readonly string[] | undefined)[] = [];
  const artifacts: StageContext['artifacts'] = {
    ...context.artifacts,
    readTable: (ref, options) => {
      asked.push(options?.columns);
      return context.artifacts.readTable(ref, options);
    },
  };
  const large = await profiled({ ...context, artifacts, inMemoryBytes: -1 }, output.outputs);
  assert.deepEqual(large, small);
  assert.deepEqual(asked, [['target'], ['name']], 'one column at a time');
});

it('tells distributions alone where there is no champion', async () => {
  const { output, context } = await runClean({ 't.csv': rows('red') }, dataset);
  const { figures, found } = await profiled(context, output.outputs, 'shop');
  assert.deepEqual(figures, { columns: 3 });
  assert.equal(found.drift, null);
  assert.deepEqual(found.columns[0]!.counts, [100, 100, 0, 0]);
});

it('tells how the data differ from those of the champion, largest change first', async () => {
  const { output, context } = await runClean({ 't.csv': rows('red') }, dataset);
  const other = await runClean({ 't.csv': rows('blue') }, dataset);
  const draft = modelDraft();
  const before = output.outputs['dataset']![0]!;
  const { name, version } = await context.registry.register({
    ...draft,
    artifacts: { ...draft.artifacts, dataset: before },
  });
  const move = { name, alias: CHAMPION, version, action: 'promote' as const, by: 'test', why: 'first' };
  await context.registry.move(move);
  const [table] = other.output.outputs['dataset']!;
  const batches = other.context.artifacts.readTable(table!);
  const { columns: specs } = await other.context.artifacts.manifest(table!);
  const here = await context.artifacts.writeTable('dataset', specs, batches);
  const { figures, found } = await profiled(context, { dataset: [here] }, name);
  assert.equal(figures['against'], `${name}@1`);
  assert.equal(figures['drifted'], 1);
  assert.equal(figures['widest'], 'words of name');
  assert.equal(found.drift!.shifts[0]!.level, 'large');
  assert.equal(mostChanged(found.drift!.shifts[0]!), 'red 50% → 0%');
});
