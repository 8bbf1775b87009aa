import { stringify } from 'yaml';
import type { StarterInput } from './starter.js';

/** What is learned, and what else it could be. */
export function taskLines({ task }: StarterInput): string[] {
  const words = {
    classification: 'task: classification # a class a row; or ranking, ctr, recommendation',
    ranking:
      "task: { name: ranking, loss: lambdarank } # the order of a query's rows; one grade wrong at a time: loss: pointwise",
    ctr: 'task: ctr # calibrated clicks; { name: ctr, negatives: 0.1 } trains on a tenth of the rows without one',
    recommendation: 'task: recommendation # lists of items, judged user by user',
  };
  return [words[task]];
}

/** Features, model, importance and loop as they suit the task. */
export function learnedLines(input: StarterInput): string[] {
  const { text, attributes } = input.columns;
  const isText = text.length + attributes.length > 0;
  if (input.task === 'ranking') return rankingLines(input);
  if (input.task === 'ctr') {
    return [
      'features: { categorical: { buckets: 4096 } } # ids of very many values',
      'model: { name: linear } # or trees, factorization, mlp',
      '# importance: none by default: the weight of a click is no matter of how much it surprises (docs/tasks/ctr.md)',
      ...roundLines(1),
    ];
  }
  if (input.task === 'recommendation') {
    return [
      'features: { categorical: { buckets: 4096 } } # ids of very many items',
      'model: { name: factorization } # pairs of features: a vector of each user and each item, or of their words',
      ...roundLines(1),
    ];
  }
  return [
    isText
      ? 'model: { name: linear } # fast and strong on text; or trees, mlp, lstm, transformer'
      : 'model: { name: trees } # no text: boosted trees; or linear, mlp',
    'importance: { estimator: pvi } # what a label says beyond its class, from models that never saw it',
    ...roundLines(3),
  ];
}

const roundLines = (most: number): string[] => [
  'loop:',
  `  maxRounds: ${most} # weights must beat a tuned uniform model in a paired test, else they stay uniform`,
];

/** The words of the query against those of each other text; trees over what they have in common. */
function rankingLines({ columns: { text } }: StarterInput): string[] {
  const query = text.find((name) => /query|search/iu.test(name));
  const others = text.filter((name) => name !== query);
  const pairs = query === undefined ? [] : others.map((right) => ({ left: query, right }));
  const shown = stringify({ pairs }, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  const features =
    pairs.length > 0
      ? [
          'features:',
          '  words: null # what query and text have in common, no words by themselves',
          `  match: ${shown}`,
        ]
      : [];
  return [
    ...features,
    'model: { name: trees } # boosted trees (LambdaMART); or linear, mlp, transformer',
    'importance: { folds: 3 } # of whole queries',
    ...roundLines(1),
  ];
}
