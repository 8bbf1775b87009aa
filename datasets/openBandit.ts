import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

const COLUMNS = ['item_id', 'position', ...[0, 1, 2, 3].map((number) => `user_feature_${number}`)];
/** Columns of the file, the first of which has no name there. */
const PUBLISHED = [
  ...['index', 'timestamp', 'item_id', 'position', 'click', 'propensity_score'],
  ...[0, 1, 2, 3].map((number) => `user_feature_${number}`),
  ...Array.from({ length: 34 }, (_, item) => `user-item_affinity_${item}`),
];
const HEADER = ['id', 'split', ...COLUMNS, 'propensity_score', 'click'];

/** Impressions of a fashion shop that were logged with their chances: 69 clicks, for the arithmetic only. */
export const openBandit: BuiltinDataset = {
  name: 'open_bandit',
  licence: 'CC BY 4.0 (publisher page; the repository: Apache-2.0)',
  citation: 'Saito et al. 2020, Open Bandit Dataset and Pipeline, arXiv 2008.07146',
  description: '10,000 impressions of the Thompson sampling policy, 34 items, logged propensities, 69 clicks',
  folder: 'open_bandit',
  files: [
    {
      name: 'bts_men_men.csv',
      repository: 'st-tech/zr-obp',
      commit: '8cbd5fa4558b7ad2ba4781546d6604e4cc3e07c4',
      path: 'obd/bts/men/men.csv',
      sha256: 'db6d1f7ed2d591ba521533e45286d4c1fba7fe57a8ad2e80342210335f43c527',
    },
  ],
  preset: {
    dataset: {
      columns: {
        ...{ id: 'id', target: 'click', split: 'split', propensity: 'propensity_score' },
        ...{ categorical: COLUMNS },
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep', nearDuplicates: { enabled: false } },
  },
  recipeName: 'open_bandit',
  async read({ files, sha256 }) {
    const [file] = this.files;
    const [, ...read] = await readCsv(file!.name, files.get(file!.name), PUBLISHED);
    const wanted = HEADER.slice(2).map((name) => PUBLISHED.indexOf(name));
    const cells = read.map((row) => wanted.map((at) => row[at] ?? null));
    const splits = splitByHash(
      'open_bandit',
      cells.map((row) => row.at(-1) ?? ''),
      sha256,
    );
    return { header: HEADER, rows: cells.map((row, i) => [rowId(i), splits[i]!, ...row]) };
  },
};
