import { rowId, type BuiltinDataset, type BuiltinSource } from './dataset.js';
import { readCsv } from './readRows.js';
import { splitByHash } from './recipe.js';

const origin = {
  repository: 'PolyAI-LDN/task-specific-datasets',
  commit: '57ec275d8078af65b7731c2a98be812d844a6d6b',
};

const shared = {
  licence: 'CC BY 4.0',
  citation: 'Casanueva et al. 2020, Efficient Intent Detection with Dual Sentence Encoders, arXiv 2003.04807',
  folder: 'banking77',
  files: [
    {
      name: 'train.csv',
      ...origin,
      path: 'banking_data/train.csv',
      sha256: 'b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b',
    },
    {
      name: 'test.csv',
      ...origin,
      path: 'banking_data/test.csv',
      sha256: 'd12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'category', text: ['text'], split: 'split' },
      split: { by: 'column' },
    },
  },
} satisfies Partial<BuiltinDataset>;

const header = ['id', 'split', 'text', 'category'] as const;

/** Customer-service questions to a bank, train.csv and test.csv pooled and split anew. */
export const banking77: BuiltinDataset = {
  ...shared,
  name: 'banking77',
  recipeName: 'banking77',
  description:
    '13,083 questions to a bank in English, 77 intents; both published parts pooled, split 70/15/15',
  async read(source) {
    const { rows } = await readParts(source);
    const splits = splitByHash(
      'banking77',
      rows.map(([, category]) => category!),
      source.sha256,
    );
    return { header, rows: rows.map(([text, category], i) => [rowId(i), splits[i]!, text!, category!]) };
  },
};

/** The same with the published test part; validation is taken from the published training part. */
export const banking77Official: BuiltinDataset = {
  ...shared,
  name: 'banking77_official',
  recipeName: 'banking77_official',
  description:
    '13,083 questions to a bank in English, 77 intents; the published test part, 15% of train validate',
  async read(source) {
    const { rows, train } = await readParts(source);
    const targets = rows.slice(0, train).map(([, category]) => category!);
    const splits = splitByHash('banking77_official', targets, source.sha256, [0.85, 1]);
    return {
      header,
      rows: rows.map(([text, category], i) => [rowId(i), splits[i] ?? 'test', text!, category!]),
    };
  },
};

async function readParts({ files }: BuiltinSource) {
  const train = await readCsv('train.csv', files.get('train.csv'));
  const test = await readCsv('test.csv', files.get('test.csv'));
  return { rows: [...train, ...test], train: train.length };
}
