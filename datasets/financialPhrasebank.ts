import { DataError } from '../contracts/errors.js';
import { decodeLines } from '../core/ingest/lines.js';
import { rowId, type BuiltinDataset } from './dataset.js';
import { requireFile } from './readRows.js';
import { splitByHash } from './recipe.js';

/** Sentences of financial news on whose sentiment at least half of the annotators agree. */
export const financialPhrasebank: BuiltinDataset = {
  name: 'financial_phrasebank',
  licence: 'CC BY-NC-SA 3.0: not for commercial use',
  citation: 'Malo et al. 2014, Good debt or bad debt: Detecting semantic orientations in economic texts',
  description:
    '4,846 sentences of financial news in English, 3 sentiments, at least 50% agreement, split 70/15/15',
  folder: 'financial_phrasebank',
  files: [
    {
      name: 'Sentences_50Agree.txt',
      repository: 'DaraghK93/stockApp',
      commit: '8639dbf41e9fec7f20e9e1cd86ebcebd1b49080f',
      path:
        'machineLearning/sentimentAnalysis/newsSentimentAnalysis/data/originalDatasets/dataset_2/' +
        'FinancialPhraseBank/Sentences_50Agree.txt',
      sha256: '13388b8bf2f878c68fb4d47564fa0072756eb4e9ba4a16467d6d7f0a29a6a742',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'sentiment', text: ['sentence'], split: 'split' },
      split: { by: 'column' },
    },
  },
  recipeName: 'fpb_50agree',
  async read({ files, sha256 }) {
    const [file] = this.files;
    const pairs = await readPairs(file!.name, requireFile(file!.name, files.get(file!.name)));
    const splits = splitByHash(
      this.recipeName,
      pairs.map(([, sentiment]) => sentiment),
      sha256,
    );
    const rows = pairs.map(([sentence, sentiment], i) => [rowId(i), splits[i]!, sentence, sentiment]);
    return { header: ['id', 'split', 'sentence', 'sentiment'], rows };
  },
};

/** One `sentence@sentiment` a line, in ISO-8859-1; a sentence may hold an "@" itself. */
async function readPairs(file: string, bytes: Uint8Array): Promise<(readonly [string, string])[]> {
  const pairs: (readonly [string, string])[] = [];
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
