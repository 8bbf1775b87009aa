import { featurize } from '../activities/featurize.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import { Columns } from '../contracts/settings.js';
import type { ColumnBatch } from '../contracts/table.js';
import { seeded } from '../core/random.js';

const BATCH = 10_000;
const [WORDS, DISTINCT_WORDS, CLASSES] = [12, 200_000, 3];
export const TITLE_COLUMNS = ['id', 'split', 'target', 'title'].map((name) => ({
  name,
  type: 'utf8' as const,
}));
export const FEATURES = {
  tfidf: { words: { ngrams: [1, 2], minDocumentFrequency: 2 } },
  hashed: { words: { ngrams: [1, 2], buckets: 2 ** 18 } },
} as const;

/** Made-up titles, words by Zipf's law, of whose classes the words tell something. */
export function* titles(rows: number): Generator<ColumnBatch> {
  const random = seeded(1, 'titles');
  for (let from = 0; from < rows; from += BATCH) {
    const columns: Record<string, string[]> = { id: [], split: [], target: [], title: [] };
    for (let row = from; row < Math.min(rows, from + BATCH); row++) {
      const words = Array.from({ length: 1 + random.below(2 * WORDS - 1) }, () =>
        Math.floor(DISTINCT_WORDS ** random.next()),
      );
      const told = words[0]! % CLASSES;
      columns['id']!.push(`r${String(row).padStart(9, '0')}`);
      columns['split']!.push(row % 10 < 8 ? 'train' : row % 10 < 9 ? 'validation' : 'test');
      columns['target']!.push(`class ${random.next() < 0.2 ? random.below(CLASSES) : told}`);
      columns['title']!.push(words.map((word) => `w${word}`).join(' '));
    }
    yield { rows: columns['id']!.length, columns };
  }
}

/** What featurize is asked for them. */
export const featurizeParams = (kind: keyof typeof FEATURES, more: { readonly rowsPerShare?: number } = {}) =>
  featurize.paramsSchema.parse({
    ...{ task: 'classification', nearDuplicates: { enabled: false, threshold: 0.9 } },
    columns: Columns.parse({ target: 'target', text: ['title'] }),
    features: FeaturesConfig.parse({ ...FEATURES[kind], ...more }),
  });
