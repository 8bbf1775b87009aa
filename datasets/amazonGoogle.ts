import { DataError } from '../contracts/errors.js';
import { rowId, type BuiltinDataset, type OriginFile } from './dataset.js';
import { requireFile } from './readRows.js';

const SIDES = [
  ['train.txt', 'train'],
  ['valid.txt', 'validation'],
  ['test.txt', 'test'],
] as const;
const PARTS = ['title', 'manufacturer', 'price'] as const;

const file = (name: string, sha256: string): OriginFile => ({
  name,
  repository: 'megagonlabs/ditto',
  commit: '52985564a93fb11308439516d3e17a033d43ec8f',
  path: `data/er_magellan/Structured/Amazon-Google/${name}`,
  sha256,
});

/** Pairs of software offers of two shops: the same product, or not. */
export const amazonGoogle: BuiltinDataset = {
  name: 'amazon_google',
  licence: 'CC BY 4.0 (Leipzig benchmark; the copy is under Apache-2.0)',
  citation:
    'Köpcke, Thor & Rahm 2010, Evaluation of entity resolution approaches on real-world match problems',
  description: '11,460 pairs of software offers in English, one in ten the same product, published split',
  folder: 'product_matching_amazon_google',
  files: [
    file('train.txt', '84ef5f7747296990a3775d2c8774949e720df643106b1b447682265f41929b26'),
    file('valid.txt', 'baa53c43706e979441aaf653698bb477294b6fa16328fd272fcdc56ca040c094'),
    file('test.txt', 'fb4a50692f296435d9ecd4b310acc1318ff7d6d1e13924f0b211d1f906dacbef'),
  ],
  preset: {
    dataset: {
      columns: {
        id: 'id',
        target: 'same',
        text: ['left_title', 'right_title', 'left_manufacturer', 'right_manufacturer'],
        numeric: ['left_price', 'right_price'],
        split: 'split',
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep' },
    features: {
      words: null,
      match: {
        pairs: [
          { left: 'left_title', right: 'right_title' },
          { left: 'left_manufacturer', right: 'right_manufacturer' },
          { left: 'left_price', right: 'right_price', as: 'number' },
        ],
        inQuery: false,
      },
    },
  },
  recipeName: 'amazon_google',
  read({ files }) {
    const pairs = SIDES.flatMap(([name, side]) => {
      const text = new TextDecoder().decode(requireFile(name, files.get(name)));
      // Titles hold U+0085 and U+2028: only "\n" ends a line.
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line, i) => [side, ...cellsOf(name, i + 1, line)]);
    });
    const columns = ['left', 'right'].flatMap((which) => PARTS.map((part) => `${which}_${part}`));
    const rows = pairs.map((cells, i) => [rowId(i), ...cells]);
    return Promise.resolve({ header: ['id', 'split', ...columns, 'same'], rows });
  },
};

const OFFER = /^COL title VAL (.*?) ?COL manufacturer VAL (.*?) ?COL price VAL (.*?) ?$/s;

function cellsOf(file_: string, number: number, line: string): (string | null)[] {
  const [left, right, same] = line.split('\t');
  const offers = [left, right].map((offer) => OFFER.exec(offer ?? ''));
  if (!offers[0] || !offers[1] || (same !== '0' && same !== '1')) {
    throw new DataError(`${file_}, line ${number}: expected two offers and 0 or 1, with tabs between`);
  }
  return [...offers.flatMap((offer) => offer!.slice(1).map((cell) => cell.trim() || null)), same];
}
