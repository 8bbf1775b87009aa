import { z } from 'zod';
import { rowId, type BuiltinDataset, type BuiltinTable } from './dataset.js';
import { requireFile } from './readRows.js';

const Pairs = z.array(z.tuple([z.string(), z.string()]));
const Published = z.object({
  ...{ train: Pairs, val: Pairs, test: Pairs },
  ...{ oos_val: Pairs, oos_test: Pairs },
});

/** Questions to an assistant, the published split, in-scope intents only. */
export const clinc150: BuiltinDataset = {
  name: 'clinc150',
  licence: 'CC BY 3.0',
  citation:
    'Larson et al. 2019, An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction, D19-1131',
  description: '22,500 in-scope questions to an assistant in English, 150 intents, published split',
  folder: 'clinc150',
  files: [
    {
      name: 'data_full.json',
      repository: 'clinc/oos-eval',
      commit: '828f8093932c8fe6ca7936c3d2e52903b1c523de',
      path: 'data/data_full.json',
      sha256: '36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0',
    },
  ],
  preset: {
    dataset: {
      columns: { id: 'id', target: 'intent', text: ['text'], split: 'split' },
      split: { by: 'column' },
    },
    features: { words: { ngrams: [1, 2], minDocumentFrequency: 1 } },
  },
  recipeName: 'clinc150',
  read: ({ files }) => Promise.resolve(readQuestions(files, false)),
};

/** The same with questions of no intent among the validation and test rows, to be told apart: intent `oos`. */
export const clinc150OutOfScope: BuiltinDataset = {
  ...clinc150,
  name: 'clinc150_oos',
  description:
    '22,500 questions of 150 intents and 1,100 of none (100 validation, 1,000 test), in English, published split',
  // Characters tell what is foreign: words that training never saw leave no trace otherwise.
  preset: {
    ...clinc150.preset,
    features: {
      words: { ngrams: [1, 2], minDocumentFrequency: 1 },
      characters: { ngrams: [3, 5], minDocumentFrequency: 2 },
    },
  },
  read: ({ files }) => Promise.resolve(readQuestions(files, true)),
};

function readQuestions(files: ReadonlyMap<string, Uint8Array>, withForeign: boolean): BuiltinTable {
  const text = new TextDecoder().decode(requireFile('data_full.json', files.get('data_full.json')));
  const { train, val, test, oos_val, oos_test } = Published.parse(JSON.parse(text));
  const sides = [
    ['train', train],
    ['validation', val],
    ['test', test],
    ...(withForeign
      ? ([
          ['validation', oos_val],
          ['test', oos_test],
        ] as const)
      : []),
  ] as const;
  const rows = sides.flatMap(([side, pairs]) => pairs.map(([question, intent]) => [side, question, intent]));
  return { header: ['id', 'split', 'text', 'intent'], rows: rows.map((cells, i) => [rowId(i), ...cells]) };
}
