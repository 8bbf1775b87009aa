import { rowId, type BuiltinDataset } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

/** Chinese product reviews, positive or negative. The one empty review stays, as a missing text. */
export const onlineShopping: BuiltinDataset = {
  name: 'online_shopping',
  licence: 'none stated; for research and local measurement only',
  citation: 'ChineseNlpCorpus, online_shopping_10_cats',
  description: '62,774 product reviews in Chinese of 10 categories, positive or negative, split 70/15/15',
  folder: 'online_shopping_10_cats',
  files: [
    {
      name: 'online_shopping_10_cats.zip',
      repository: 'SophonPlus/ChineseNlpCorpus',
      commit: 'a0b781d72158bde242c0626c9e354d2b328865ff',
      path: 'datasets/online_shopping_10_cats/online_shopping_10_cats.zip',
      sha256: '6816ded66fde9d0927ecbd370b5e12d0174d1abac35192ec014ac2a0a8d25858',
      member: 'online_shopping_10_cats.csv',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'label', text: ['review'], split: 'split' },
      split: { by: 'column' },
    },
  },
  recipeName: 'online_shopping_sent',
  async read({ files, sha256 }) {
    const [file] = this.files;
    const read = await readCsv(file!.member!, files.get(file!.name));
    const splits = splitByHash(
      this.recipeName,
      read.map(([, label]) => label!),
      sha256,
    );
    const rows = read.map(([category, label, review], i) => [
      rowId(i),
      splits[i]!,
      review!,
      category!,
      label!,
    ]);
    return { header: ['id', 'split', 'review', 'category', 'label'], rows };
  },
};
