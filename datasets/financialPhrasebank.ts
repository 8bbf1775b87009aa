import { DataError } from '../contracts/errors.js';
import { decodeLines } from '../core/ingest/lines.js';
import { rowId, type BuiltinDataset } from './dataset.js';
import { requireFile } from './readRows.js';
import { splitByHash } from './recipe.js';

const FOLDER =
  'machineLearning/sentimentAnalysis/newsSentimentAnalysis/data/originalDatasets/dataset_2/FinancialPhraseBank';

/** Each file has those sentences of the one before it on which more annotators agree: more than half, …, all. */
const FILES = [
  ['50', 'Sentences_50Agree.txt', '13388b8bf2f878c68fb4d47564fa0072756eb4e9ba4a16467d6d7f0a29a6a742'],
  ['66', 'Sentences_66Agree.txt', '6fcda6c07b5731fa075c81372413c921f95057b89ed611be0b2d1620ac94ac09'],
  ['75', 'Sentences_75Agree.txt', '8aa3210c6fc324ec2f5bd903f7767543280525cd88bb6cbed5d39b33f01a4f05'],
  ['100', 'Sentences_AllAgree.txt', '3d1acdf23036bdbfb48713548731b1ae82664e551081fec2f20bfe722d274d9a'],
] as const;

/** Sentences of financial news on whose sentiment at least half of the annotators agree. */
export const financialPhrasebank: BuiltinDataset = {
  name: 'financial_phrasebank',
  licence: 'CC BY-NC-SA 3.0: not for commercial use',
  citation: 'Malo et al. 2014, Good debt or bad debt: Detecting semantic orientations in economic texts',
  description:
    '4,846 sentences of financial news in English, 3 sentiments, at least 50% agreement, split 70/15/15',
  folder: 'financial_phrasebank',
  files: FILES.map(([, name, sha256]) => ({
    ...{ name, repository: 'DaraghK93/stockApp', commit: '8639dbf41e9fec7f20e9e1cd86ebcebd1b49080f' },
    ...{ path: `${FOLDER}/${name}`, sha256 },
  })),
  preset: {
    dataset: {
      columns: { id: 'id', target: 'sentiment', text: ['sentence'], split: 'split' },
      split: { by: 'column' },
    },
  },
  recipeName: 'fpb_50agree',
  async read({ files, sha256 }) {
    const [[, all], ...stricter] = FILES;
    const pairs = await readPairs(all, requireFile(all, files.get(all)));
    const agreement = pairs.map(() => FILES[0][0] as string);
    for (const [level, name] of stricter) {
      const agreed = await readPairs(name, requireFile(name, files.get(name)));
      for (const row of positionsIn(pairs, agreed, name)) agreement[row] = level;
    }
    const splits = splitByHash(
      this.recipeName,
      pairs.map(([, sentiment]) => sentiment),
      sha256,
    );
    return {
      header: ['id', 'split', 'sentence', 'sentiment', 'agreement'],
      rows: pairs.map((pair, i) => [rowId(i), splits[i]!, ...pair, agreement[i]!]),
    };
  },
};

type Pair = readonly [sentence: string, sentiment: string];

/** Where some of the pairs stand among all; of a pair that is there twice, the first copies. */
function positionsIn(pairs: readonly Pair[], some: readonly Pair[], file: string): number[] {
  const rowsOf = new Map<string, number[]>();
  pairs.forEach((pair, row) => {
    const key = pair.join('@');
    const rows = rowsOf.get(key);
    if (rows) rows.push(row);
    else rowsOf.set(key, [row]);
  });
  return some.map((pair) => {
    const row = rowsOf.get(pair.join('@'))?.shift();
    if (row === undefined) throw new DataError(`${file}: "${pair[0]}" is not in ${FILES[0][1]}`);
    return row;
  });
}

/** One `sentence@sentiment` a line, in ISO-8859-1; a sentence may hold an "@" itself. */
async function readPairs(file: string, bytes: Uint8Array): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const block of decodeLines(once(bytes), { encoding: 'latin1', file })) {
    for (const { text, number } of block) {
      const at = text.lastIndexOf('@');
      if (at >= 0) pairs.push([text.slice(0, at), text.slice(at + 1).trim()]);
      else if (text.trim() !== '')
        throw new DataError(`${file}, line ${number}: expected sentence@sentiment`);
    }
  }
  return pairs;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
