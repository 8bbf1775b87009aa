import { z } from 'zod';
import { Share } from './splitSettings.js';

export const SelectConfig = z.strictObject({
  method: z
    .enum(['chi2', 'mutual_info'])
    .default('chi2')
    .describe('chi2: by how much of a feature each class holds; mutual_info: by its presence alone'),
  features: z.int().positive().default(10_000).describe('how many stay, beside all numeric ones'),
});
export type SelectConfig = z.infer<typeof SelectConfig>;

const Components = z.int().positive();
const Tolerance = z
  .number()
  .gt(0)
  .default(1e-7)
  .describe('largest change of a singular value in a step, relative to the first, at which the search ends');
export const ReduceStep = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('svd').describe('truncated singular value decomposition: latent semantic analysis'),
    components: Components.default(100),
    tolerance: Tolerance,
  }),
  z.strictObject({
    method: z.literal('pca').describe('principal components: centred first'),
    components: Components.default(100),
    tolerance: Tolerance,
  }),
  z.strictObject({
    method: z.literal('lda').describe('linear discriminants; at most 1,000 features: put svd before it'),
    components: Components.optional().describe('one less than there are classes where left out'),
  }),
]);
export type ReduceStep = z.infer<typeof ReduceStep>;

const Ngrams = z.tuple([z.int().positive(), z.int().positive()]);
const MinDocumentFrequency = z
  .int()
  .positive()
  .default(2)
  .describe('training rows that must have it, else it is no feature');
const Buckets = z
  .int()
  .min(2)
  .max(2 ** 22)
  .optional()
  .describe(
    'count n-grams in so many buckets of their hashes instead, for texts of very many words: no pass over the rows to learn them, and new words have a place too; 262144 (2^18) or more keep most apart',
  );
const MaxFeatures = z.int().positive().optional().describe('the most frequent stay; all where left out');
export const FeaturesConfig = z.strictObject({
  words: z
    .strictObject({
      ngrams: Ngrams.default([1, 2]).describe('least and most words in a row'),
      minDocumentFrequency: MinDocumentFrequency,
      maxFeatures: MaxFeatures,
      buckets: Buckets,
    })
    .nullable()
    .default({ ngrams: [1, 2], minDocumentFrequency: 2 })
    .describe('TF-IDF of words; null: none'),
  characters: z
    .strictObject({
      ngrams: Ngrams.default([3, 5]).describe('least and most characters in a row'),
      minDocumentFrequency: MinDocumentFrequency,
      maxFeatures: MaxFeatures,
      buckets: Buckets,
    })
    .nullable()
    .default(null)
    .describe('character n-grams beside words'),
  script: z
    .enum(['auto', 'words', 'characters'])
    .default('auto')
    .describe(
      'how text without spaces is cut; auto: Chinese and Japanese by character 1-2-grams, all else by words',
    ),
  attributes: z
    .strictObject({ minDocumentFrequency: MinDocumentFrequency })
    .default({ minDocumentFrequency: 2 })
    .describe('a feature for each pair of the lists in dataset.columns.attributes'),
  categorical: z
    .strictObject({
      minFrequency: z.int().positive().default(2).describe('rarer values share one feature'),
      buckets: z
        .int()
        .min(2)
        .max(2 ** 22)
        .optional()
        .describe(
          'hash the values of all categorical columns into so many features, for ids of very many values: nothing is learned of them, and new values have a place too; without it a feature each',
        ),
    })
    .default({ minFrequency: 2 })
    .describe('of dataset.columns.categorical'),
  numeric: z
    .strictObject({
      scale: z
        .enum(['standard', 'none'])
        .default('standard')
        .describe('standard: mean 0 and standard deviation 1 over the training rows'),
      inQuery: z
        .boolean()
        .optional()
        .describe("also how each number stands in its query: distance from the query's highest, and rank"),
    })
    .default({ scale: 'standard' })
    .describe('of dataset.columns.numeric'),
  vectors: z
    .strictObject({
      scale: z
        .enum(['unit', 'standard', 'none'])
        .default('unit')
        .describe('unit: each vector to length 1, as rows of text have it; standard: as numbers'),
    })
    .optional()
    .describe('of the columns of dataset.columns.vectors'),
  select: SelectConfig.optional().describe(
    'the features that tell most of the target in the training split; the others are left out',
  ),
  reduce: z
    .array(ReduceStep)
    .max(3)
    .default([])
    .describe(
      'few numbers in place of many features, one step after the other; learned on the training split',
    ),
  match: z
    .strictObject({
      pairs: z
        .array(
          z.strictObject({
            left: z.string().describe('a column of dataset.columns: the query, or one of two offers'),
            right: z
              .string()
              .describe('the column that it is compared with: the product, or the other offer'),
            as: z
              .enum(['text', 'attributes', 'category', 'number'])
              .default('text')
              .describe(
                'text: BM25, TF-IDF and character cosines, words, numbers; attributes: "key: value" lists; category: equal; number: difference',
              ),
          }),
        )
        .min(1)
        .describe('which columns are compared, and how'),
      inQuery: z
        .boolean()
        .default(true)
        .describe("how each figure stands in its query: distance from the query's best, and rank"),
    })
    .optional()
    .describe('what two columns of a row have in common: query × product'),
  sequence: z
    .strictObject({
      length: z
        .int()
        .min(2)
        .default(100)
        .describe('tokens of a text; longer ones are cut, shorter ones padded'),
      tokenizer: z
        .enum(['auto', 'words', 'wordpiece'])
        .default('auto')
        .describe("auto: what the model was made for (lstm: words, transformer: BERT's word pieces)"),
      vocabularySize: z.int().min(8).default(10_000).describe('most frequent tokens, or word pieces'),
      minFrequency: z
        .int()
        .positive()
        .default(2)
        .describe('words: rarer ones are unknown; word pieces: rarer pairs are not joined'),
      lowerCase: z.boolean().default(true).describe('word pieces: lower-cased, without accents'),
      pair: z
        .boolean()
        .default(true)
        .describe('word pieces of two text columns: a pair of segments; false: joined to one text'),
    })
    .prefault({})
    .describe('for models that read text as a sequence: lstm, transformer'),
  rowsPerShare: z
    .int()
    .positive()
    .default(1_048_576)
    .describe(
      'tables of more rows get their features in shares of so many, by as many workers as there are; more of each where there would be over 1,000 shares',
    ),
});
export type FeaturesConfig = z.infer<typeof FeaturesConfig>;

const Chance = Share.default(0.1);
export const AugmentConfig = z.strictObject({
  copies: z
    .int()
    .positive()
    .max(20)
    .default(1)
    .describe('of every training row; those that came out unchanged are left out'),
  weight: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("of all copies of a row together, as a share of the row's own weight"),
  synonyms: z
    .record(z.string(), z.array(z.string()).min(1))
    .default({})
    .describe('word: what may stand for it; names of the knowledge graph (relation called) are taken, too'),
  replace: Share.default(0.3).describe('chance that a word with synonyms is replaced'),
  drop: Chance.describe('chance that a word is left out'),
  swap: Chance.describe('chance that a word changes places with the next'),
  attributes: z
    .boolean()
    .default(false)
    .describe('fill in missing attributes from the texts, by values that other training rows have'),
});
export type AugmentConfig = z.infer<typeof AugmentConfig>;
