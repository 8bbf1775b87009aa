import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

const NUMERIC = [
  'LIMIT_BAL',
  'SEX',
  'EDUCATION',
  'MARRIAGE',
  'AGE',
  'PAY_0',
  ...[2, 3, 4, 5, 6].map((month) => `PAY_${month}`),
  ...[1, 2, 3, 4, 5, 6].map((month) => `BILL_AMT${month}`),
  ...[1, 2, 3, 4, 5, 6].map((month) => `PAY_AMT${month}`),
];

/** Payment histories of credit-card holders: OpenDataVal's `creditcard`. */
export const creditDefault: BuiltinDataset = {
  name: 'credit_default',
  licence: 'CC BY 4.0 (UCI Machine Learning Repository 350; the copy itself states none)',
  citation:
    'Yeh & Lien 2009, The comparisons of data mining techniques for the predictive accuracy of default',
  description: '30,000 credit-card holders in 23 numbers; 22% default next month; split 70/15/15',
  folder: 'tabular_credit_default',
  files: [
    {
      name: 'UCI_Credit_Card.csv',
      repository: 'AlenMa/ML',
      commit: '5265f391b0aeec7322ae64aa734af971c48f763e',
      path: 'data/UCI_Credit_Card.csv',
      sha256: '36b56c4d0bc2ac0ff2a1e4a1f29ba91bd4cc94cc81cce1629e5750da08f59f7c',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'default', numeric: NUMERIC, split: 'split' },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep' },
  },
  recipeName: 'credit_default',
  async read({ files, sha256 }) {
    const [file] = this.files;
    const [, ...read] = await readCsv(file!.name, files.get(file!.name), ['ID', ...NUMERIC, 'Default']);
    const targets = read.map((cells) => (cells.at(-1) === '1' ? 'yes' : 'no'));
    const splits = splitByHash('credit_default', targets, sha256);
    const rows = read.map((cells, i) => [rowId(i), splits[i]!, ...cells.slice(1, -1), targets[i]!]);
    return { header: ['id', 'split', ...NUMERIC, 'default'], rows };
  },
};
