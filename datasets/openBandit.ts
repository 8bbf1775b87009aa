import { DataError } from '../contracts/errors.js';
import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

const COLUMNS = ['item_id', 'position', ...[0, 1, 2, 3].map((number) => `user_feature_${number}`)];
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
      sha256: '3b411ed6b0471316321a6b93f4f756bb25888eac6218cd71d0b603d41d85732d',
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
    const [header, ...read] = await readCsv(file!.name, files.get(file!.name), undefined);
    const wanted = HEADER.slice(2).map((name) => {
      const at = header?.indexOf(name) ?? -1;
      if (at >= 0) return at;
      throw new DataError(`${file!.name}: expected a column ${name}, as published`);
    });
    const cells = read.map((row) => wanted.map((at) => row[at] ?? null));
    const splits = splitByHash(
      'open_bandit',
      cells.map((row) => row.at(-1) ?? ''),
      sha256,
    );
    return { header: HEADER, rows: cells.map((row, i) => [rowId(i), splits[i]!, ...row]) };
  },
};
