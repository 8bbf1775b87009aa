import { DataError } from '../contracts/errors.js';
import { rowId, type BuiltinDataset, type OriginFile, type Sha256Of } from './dataset.js';
import { requireFile } from './readRows.js';
import { orderByHash } from './recipe.js';

const FEATURES = 300;
/** Of the published training queries, which hold out nothing to choose by. */
const VALIDATION_SHARE = 0.15;

const file = (name: string, sha256: string): OriginFile => ({
  name,
  repository: 'microsoft/LightGBM',
  commit: 'bae0b7ba953341a32b2a9c5c5c437a1b976f576f',
  path: `examples/lambdarank/${name}`,
  sha256,
});

/** The learning-to-rank sample of LightGBM. */
export const lambdarankSample: BuiltinDataset = {
  name: 'lambdarank_sample',
  licence: 'MIT',
  citation:
    'Ke et al. 2017, LightGBM: A Highly Efficient Gradient Boosting Decision Tree (examples/lambdarank)',
  description:
    '3,773 documents of 251 queries, 300 numbers each, grades 0 to 4; 201/50 queries, 15% of the training queries validate',
  folder: 'lambdarank_sample',
  files: [
    file('rank.train', 'a0c7201c89120879c14a5059e091f441cbf2a29b8aaef363885ccb1a530448df'),
    file('rank.test', '3b1219ce117a0a36d2f76c02de7e7831c1d79af0d40f5195c03178bbe26c824b'),
    file('rank.train.query', '40cb5fef637229311cd30fab13cb7fb633b023e86a87ff04ec55db420143d6af'),
    file('rank.test.query', '36dca82ba3bf99201bac3987b00a8fbf6fe5f563e9fa6d0da90e783710a32df4'),
  ],
  preset: {
    dataset: {
      columns: {
        id: 'id',
        target: 'grade',
        numeric: Array.from({ length: FEATURES }, (_, j) => `f${j + 1}`),
        group: 'query_id',
        split: 'split',
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep' },
  },
  recipeName: 'lambdarank_sample',
  read({ files, sha256 }) {
    const text = (name: string): string => new TextDecoder().decode(requireFile(name, files.get(name)));
    const train = documents('rank.train', text('rank.train'), text('rank.train.query'), 'q');
    const test = documents('rank.test', text('rank.test'), text('rank.test.query'), 't');
    const validation = validationQueries(
      train.map(([query]) => query!),
      sha256,
    );
    const rows = [...train, ...test].map((cells, i) => {
      const side = i >= train.length ? 'test' : validation.has(cells[0]!) ? 'validation' : 'train';
      return [rowId(i), side, ...cells];
    });
    const numbers = Array.from({ length: FEATURES }, (_, j) => `f${j + 1}`);
    return Promise.resolve({ header: ['id', 'split', 'query_id', 'grade', ...numbers], rows });
  },
};

/** Query, grade and numbers of each line of a libsvm file; `sizes` says how many lines each query has. */
function documents(name: string, lines: string, sizes: string, prefix: string): string[][] {
  const queries = sizes
    .trim()
    .split('\n')
    .flatMap((size, q) => Array.from({ length: Number(size) }, () => `${prefix}${q}`));
  const read = lines.trim().split('\n');
  if (read.length !== queries.length) {
    throw new DataError(
      `${name}: expected ${queries.length} lines as ${name}.query says, got ${read.length}`,
    );
  }
  return read.map((line, i) => {
    const [grade, ...entries] = line.trim().split(' ');
    const numbers = new Array<string>(FEATURES).fill('0');
    for (const entry of entries) {
      const [index, value] = entry.split(':');
      numbers[Number(index) - 1] = value!;
    }
    return [queries[i]!, grade!, ...numbers];
  });
}

function validationQueries(queries: readonly string[], sha256: Sha256Of): Set<string> {
  const distinct = [...new Set(queries)];
  const ordered = orderByHash([...distinct.keys()], (q) => sha256(`42:split:lambdarank_sample:${q}`));
  return new Set(ordered.slice(0, Math.floor(VALIDATION_SHARE * distinct.length)).map((q) => distinct[q]!));
}
