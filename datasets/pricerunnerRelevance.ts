import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';

/** Names of the sides in the file. */
const SIDES: Readonly<Record<string, string>> = { train: 'train', val: 'validation', test: 'test' };

/** Search queries and products with a relevance of three grades, made from a catalogue: no person judged them. */
export const pricerunnerRelevance: BuiltinDataset = {
  name: 'pricerunner_relevance',
  licence: 'CC BY 4.0 (made from UCI Machine Learning Repository 837)',
  citation:
    'made from Akritidis et al. 2020, A self-verifying clustering approach to unsupervised matching of product titles',
  description:
    '16,719 pairs of 480 queries and products in English, 3 grades (same product, same category, other), split 336/72/72 queries',
  folder: 'pricerunner_relevance_derived',
  files: [
    {
      name: 'pairs.csv',
      derived: 'made from the set pricerunner, published nowhere',
      sha256: '86ed006eaf3683bdf578e2d639feac7fc5e373980623b648d63c4e59437d236e',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'label', text: ['query', 'title'], group: 'query_id', split: 'split' },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep' },
    features: { words: null, match: { pairs: [{ left: 'query', right: 'title' }] } },
  },
  recipeName: 'pricerunner_relevance',
  async read({ files }) {
    const [file] = this.files;
    const read = await readCsv(file!.name, files.get(file!.name));
    const rows = read.map(([queryId, query, productId, title, category, label, side], i) => [
      rowId(i),
      SIDES[side ?? ''] ?? null,
      ...[queryId, query, productId, title, category, label].map((cell) => cell ?? null),
    ]);
    return {
      header: ['id', 'split', 'query_id', 'query', 'product_id', 'title', 'product_category', 'label'],
      rows,
    };
  },
};
