import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { featurize } from '../../activities/featurize.js';
import type { ArtifactRef, ColumnSpec } from '../../contracts/artifact.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { StageContext } from '../../contracts/store.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';

const columns = {
  ...{ target: 'label', text: ['title', 'say "hi"'], attributes: ['specs', 'more'] },
  ...{ numeric: ['price'], categorical: ['shop', 'price'], vectors: { image: 2 } },
};
const TEXTS = ['title', 'say "hi"', 'specs', 'more', 'shop', 'image'];
const SPECS: readonly ColumnSpec[] = [
  ...['id', 'split', 'target', ...TEXTS].map((name) => ({ name, type: 'utf8' as const })),
  { name: 'price', type: 'float64' },
];

const word = fc.constantFrom(
  ...[
    'oak',
    'Oak',
    'table',
    'ΟΔΟΣ',
    'İ',
    '椅子',
    '木',
    'โต๊ะ',
    '😀',
    '\uff21',
    '👩‍🚀',
    '👩‍👩',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    'a\0b',
    "it's",
    'a\n \nb',
  ],
);
const text = fc.oneof(
  fc.constant(null),
  fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
);
const specs = fc.constantFrom('Colour: red; new', 'new|NEW', ' size : 9\n: x', ';;', null, 'Σ:Σ');
const shop = fc.constantFrom('north', 'south', '(missing)', '(other)', '', null);
const row = fc.tuple(
  fc.constantFrom('train', 'train', 'train', 'validation', 'test'),
  fc.constantFrom('a', 'b'),
  ...[text, text, specs, specs, shop, fc.constantFrom('[1,2]', '[0,0.5]', null)],
  fc.constantFrom(1, 2.5, -3, 1e21, NaN, 0.1),
);
const rowsOf = fc
  .array(row, { maxLength: 40 })
  .map((rows) => [
    ['train', 'a', 'oak 😀', null, 'new', null, 'north', '[1,2]', 1],
    ['train', 'b', 'oak', '木', 'new', null, 'north', null, 2],
    ...rows,
  ]);

const ngrams = fc.record(
  {
    ngrams: fc.constantFrom<[number, number]>([1, 1], [1, 2], [2, 3]),
    minDocumentFrequency: fc.constantFrom(1, 2, 4),
    maxFeatures: fc.constantFrom(1, 3, 20, undefined),
  },
  { requiredKeys: ['ngrams'] },
);
const features: fc.Arbitrary<z.input<typeof FeaturesConfig>> = fc.record(
  {
    words: fc.oneof(fc.constant(null), ngrams, fc.constant({ buckets: 16 })),
    characters: fc.oneof(fc.constant(null), ngrams),
    script: fc.constantFrom('auto', 'words', 'characters'),
    attributes: fc.constantFrom({ minDocumentFrequency: 1 }, { minDocumentFrequency: 3 }),
    categorical: fc.constantFrom({ minFrequency: 1 }, { minFrequency: 3 }, { buckets: 8 }),
    numeric: fc.constantFrom({ scale: 'standard' }, { scale: 'none' }),
  },
  { requiredKeys: [] },
);

function write({ artifacts }: StageContext, rows: readonly (readonly unknown[])[]): Promise<ArtifactRef> {
  const cells = SPECS.slice(1).map(({ name, type }, at) => {
    const found = rows.map((one) => one[at]);
    return [name, type === 'float64' ? Float64Array.from(found as number[]) : (found as string[])] as const;
  });
  const id = rows.map((_, i) => `r${String(i).padStart(4, '0')}`);
  const batch = { rows: rows.length, columns: { id, ...Object.fromEntries(cells) } };
  return artifacts.writeTable('dataset', SPECS, [batch]);
}

const jobOf = (config: z.input<typeof FeaturesConfig>) => ({
  path: 'featurize',
  seed: 1,
  params: featurize.paramsSchema.parse({
    ...{ task: 'classification', columns, features: FeaturesConfig.parse(config) },
    nearDuplicates: { enabled: false, threshold: 0.8 },
  }),
});

describe('terms that another engine counts', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  it('make the featurizer, every byte of it, that the worker learns', { timeout: 300_000 }, async () => {
    const { small, elsewhere } = workplace.contexts({});
    const property = fc.asyncProperty(rowsOf, features, async (rows, config) => {
      const job = { ...jobOf(config), inputs: { dataset: [await write(small, rows)] } };
      const wanted = await outcome(() => featurize.run(job, small));
      assert.deepEqual(await outcome(() => featurize.run(job, elsewhere)), wanted);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('are not read by the worker, nor is any column that it does not learn from', async (t) => {
    const { elsewhere } = workplace.contexts({});
    const table = await write(elsewhere, [
      ['train', 'a', 'oak', null, 'new', null, 'north', null, 1],
      ['train', 'b', 'oak table', null, 'new', null, 'south', null, 3],
      ['test', 'b', 'oak', null, 'new', null, 'south', null, 2],
    ]);
    const read = t.mock.method(elsewhere.artifacts, 'readTable');
    await featurize.run({ ...jobOf({ script: 'words' }), inputs: { dataset: [table] } }, elsewhere);
    const asked = read.mock.calls.map(({ arguments: [, options] }) => options?.columns ?? ['all']);
    const learned = ['price', 'image', 'split'];
    assert.equal(asked.filter((names) => names.join() === learned.join()).length, 2, JSON.stringify(asked));
  });
});
