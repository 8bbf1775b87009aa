import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

const COLUMNS = [
  'product_id',
  'title',
  'vendor_id',
  'cluster_id',
  'cluster_label',
  'category_id',
  'category',
];

/** Product titles of many shops. Rows are split one by one, as published figures were; `cluster_id` can be a group. */
export const pricerunner: BuiltinDataset = {
  name: 'pricerunner',
  licence: 'CC BY 4.0 (UCI Machine Learning Repository 837; the copy itself states none)',
  citation:
    'Akritidis et al. 2020, A self-verifying clustering approach to unsupervised matching of product titles',
  description:
    '35,311 product titles in English, 10 categories, 13,233 clusters of one product, split 70/15/15',
  folder: 'pricerunner',
  files: [
    {
      name: 'pricerunner_aggregate.csv',
      repository: 'KelvinLam05/product_classification',
      commit: 'af948551b9d73185a67a25e788c3f6d3479e83f2',
      path: 'pricerunner_aggregate.csv',
      sha256: 'c22207bd8f39f5a5e73ae8da2c3eccf8dbb616994cb46b74d345da8451119cca',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'category', text: ['title'], split: 'split' },
      split: { by: 'column' },
    },
  },
  recipeName: 'pricerunner',
  async read({ files, sha256 }) {
    const [file] = this.files;
    const read = await readCsv(file!.name, files.get(file!.name), COLUMNS);
    const splits = splitByHash(
      'pricerunner',
      read.map((cells) => cells[6]!),
      sha256,
    );
    const rows = read.map((cells, i) => [rowId(i), splits[i]!, cells[1]!, cells[2]!, cells[3]!, cells[6]!]);
    return { header: ['id', 'split', 'title', 'vendor_id', 'cluster_id', 'category'], rows };
  },
};
