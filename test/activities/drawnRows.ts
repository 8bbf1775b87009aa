import fc from 'fast-check';
import type { z } from 'zod';
import { featurize } from '../../activities/featurize.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { ColumnBatch } from '../../contracts/table.js';

/** Columns of a dataset of every kind that features are made of. */
export const SPECS = [
  ...['id', 'split', 'target', 'group', 'title', 'body', 'specs', 'shop', 'image'].map((name) => ({
    name,
    type: 'utf8' as const,
  })),
  { name: 'price', type: 'float64' as const },
  { name: 'chance', type: 'float64' as const },
];
const columns = {
  ...{ target: 'label', text: ['title', 'body'], attributes: ['specs'], numeric: ['price'] },
  ...{ categorical: ['shop'], vectors: { image: 2 }, propensity: 'chance' },
};

export interface Row {
  readonly split: string;
  readonly target: string | null;
  readonly group: string | null;
  readonly title: string | null;
  readonly body: string | null;
  readonly specs: string | null;
  readonly shop: string | null;
  readonly image: string | null;
  readonly price: number;
  readonly chance: number;
}

const title = fc.constantFrom('red shoe', 'blue shoe', 'Red hat, red', 'hat', '红鞋', 'été 😀', '', null);
export const row: fc.Arbitrary<Row> = fc.record({
  split: fc.constantFrom('train', 'train', 'train', 'validation', 'test'),
  target: fc.constantFrom('a', 'b', 'c', null),
  group: fc.constantFrom('q1', 'q2', null),
  title,
  body: title,
  specs: fc.constantFrom('colour: red; new', 'new', 'size: 9', null),
  shop: fc.constantFrom('north', 'south', 'east', null),
  image: fc.constantFrom('[1,2]', '[0,0.5]', null),
  price: fc.constantFrom(1, 2.5, -3, 1e9, Number.NaN, 0.1),
  chance: fc.constantFrom(0.2, 1, 0.001),
});

/** Two rows that every table begins with, so that there are two classes to learn. */
export const first: Row[] = (['a', 'b'] as const).map((target) => ({
  ...{ split: 'train', target, group: 'q0', title: 'red shoe', body: null, specs: 'new', shop: 'north' },
  ...{ image: '[1,2]', price: 1, chance: 1 },
}));

export function tableOf(rows: readonly Row[]): ColumnBatch {
  const id = rows.map((_, i) => `r${String(i).padStart(4, '0')}`);
  const values = SPECS.slice(1).map(({ name, type }) => {
    const cells = rows.map((one) => one[name as keyof Row]);
    return [name, type === 'float64' ? Float64Array.from(cells as number[]) : (cells as string[])] as const;
  });
  return { rows: rows.length, columns: { id, ...Object.fromEntries(values) } };
}

/** Features of every kind that needs no more than parts of a table. */
export const features: fc.Arbitrary<FeaturesInput> = fc.record(
  {
    words: fc.constantFrom(
      null,
      { minDocumentFrequency: 1 },
      { maxFeatures: 3 },
      { buckets: 16, ngrams: [1, 2] as [number, number] },
    ),
    characters: fc.constantFrom(null, { ngrams: [2, 3] as [number, number] }, { buckets: 7 }),
    script: fc.constantFrom('auto', 'words'),
    categorical: fc.constantFrom({ minFrequency: 1 }, { buckets: 8 }),
    numeric: fc.constantFrom({ scale: 'standard' }, { scale: 'none' }),
    vectors: fc.constantFrom({ scale: 'unit' }, { scale: 'standard' }),
  },
  { requiredKeys: [] },
);

export type FeaturesInput = z.input<typeof FeaturesConfig>;

/** What featurize is asked for such a table. */
export const jobOf = (config: FeaturesInput, duplicates = true) => ({
  path: 'featurize',
  seed: 1,
  params: featurize.paramsSchema.parse({
    ...{ task: 'classification', columns, features: FeaturesConfig.parse(config), propensityFloor: 0.01 },
    nearDuplicates: { enabled: duplicates, threshold: 0.8 },
  }),
});

/** So many rows, always the same ones. */
export function manyRows(count: number): Row[] {
  const words = ['red', 'blue', 'shoe', 'hat', 'oak', 'table', 'lamp'];
  return Array.from({ length: count }, (_, i) => {
    const word = (by: number): string => words[(i * by) % words.length]!;
    return {
      ...first[i % 2]!,
      title: `${word(3)} ${word(5)} ${i % 997}`,
      body: word(2),
      price: (i % 89) / 7,
    };
  });
}
