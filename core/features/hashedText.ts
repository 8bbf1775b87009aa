import { hashingTransformer, type HashingSettings } from '../text/hashing.js';
import { type BlockKind, type FittedBlock, knownBeforehand } from './block.js';
import { joinedTexts } from './columns.js';

/** Name of the block in stored featurizers. */
export const HASHED_TEXT = 'hashedText';

/**
 * N-grams of the text columns, joined with a space, in a fixed number of buckets. There is nothing to learn or to store:
 * a new word has its place too, and no pass over the rows comes before the first feature.
 */
export const hashedText: BlockKind<HashingSettings> = {
  kind: HASHED_TEXT,
  learner: (columns, { analyzer, ngrams: [low, high], buckets }) =>
    knownBeforehand({
      kind: HASHED_TEXT,
      columns,
      settings: { analyzer, low, high, buckets },
      features: [],
    }),
  transformer(block) {
    const transform = hashingTransformer(hashingOf(block));
    return (batch) => transform(joinedTexts(batch, block.columns));
  },
};

/** What a bucket is called. */
export const bucketName = (columns: readonly string[], bucket: number): string =>
  `${columns.join('+')}: #${bucket}`;

/** How such a block hashes. */
export const hashingOf = ({ settings }: Pick<FittedBlock, 'settings'>): HashingSettings => ({
  analyzer: settings['analyzer'] === 'characters' ? 'characters' : 'words',
  ngrams: [Number(settings['low']), Number(settings['high'])],
  buckets: Number(settings['buckets']),
});
