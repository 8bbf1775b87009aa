import assert from 'node:assert/strict';
import { it } from 'node:test';
import { featurize } from '../../activities/featurize.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { CleanConfig, Columns } from '../../contracts/settings.js';
import { gather } from '../../core/table.js';
import { tableRows } from '../fakes/artifacts.js';
import { csv, runClean } from './tableStages.js';

const dataset = {
  source: 't.csv',
  columns: { target: 'label', text: ['name'], id: 'id', split: 'side' },
  split: { by: 'column' as const },
};
const lines = (testLabel: string): string =>
  csv(
    'id,name,label,side',
    ...Array.from({ length: 8 }, (_, i) => `r${i},${i % 2 ? 'hat' : 'shoe'} w${i},${i % 2},train`),
    `v0,shoe w1,0,validation`,
    ...Array.from({ length: 8 }, (_, i) => `t${i},w${i % 4} hat shoe,${testLabel},test`),
  );

async function featurized(testLabel: string) {
  const { output, context } = await runClean({ 't.csv': lines(testLabel) }, dataset);
  const params = {
    task: 'classification',
    columns: Columns.parse(dataset.columns),
    features: FeaturesConfig.parse({
      words: { ngrams: [1, 1], minDocumentFrequency: 1 },
      select: { features: 2 },
      reduce: [{ method: 'svd', components: 2 }],
    }),
    nearDuplicates: CleanConfig.parse({}).nearDuplicates,
    input: 'sparse' as const,
    tokenizer: 'words' as const,
  };
  const job = { path: 'featurize', seed: 1, params, inputs: output.outputs };
  const { outputs, figures } = await featurize.run(job, context);
  return { outputs, figures, context };
}

it('features are selected and reduced by the training split alone', async () => {
  const [a, b] = [await featurized('0'), await featurized('1')];
  assert.equal(a.figures['features'], 2);
  assert.equal(a.outputs['featurizer']![0]!.sha256, b.outputs['featurizer']![0]!.sha256);
  const kept = await tableRows(a.context.artifacts, a.outputs['featurizer']![0]!);
  const selected = kept.filter(({ block }) => block === 1).map(({ term }) => term);
  assert.deepEqual(selected.slice(1), ['hat', 'shoe']);
});

it('stored features are those of all rows after all steps', async () => {
  const { outputs, context } = await featurized('0');
  const { columns, rows } = await gather(context.artifacts.readTable(outputs['features']![0]!));
  const row = columns['row'] as Int32Array;
  assert.deepEqual([rows, row.at(-1), (columns['index'] as Int32Array).at(-1)], [17 * 2 + 1, 17, 2]);
});
