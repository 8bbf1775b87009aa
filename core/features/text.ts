import {
  countedVocabulary,
  tfidfTransformer,
  TfidfLearner,
  type Analyzer,
  type TfidfVocabulary,
} from '../text/tfidf.js';
import type { BlockKind } from './block.js';
import { joinedTexts } from './columns.js';

export interface TextSettings {
  readonly analyzer: Analyzer;
  readonly ngrams: readonly [number, number];
  readonly minDocumentFrequency: number;
  readonly maxFeatures?: number | undefined;
}

/** TF-IDF of the text columns, joined with a space; `scale` is the inverse document frequency. */
export const text: BlockKind<TextSettings> = {
  kind: 'text',
  selectable: true,
  learner(columns, settings) {
    const learner = new TfidfLearner(settings);
    const { analyzer, ngrams, minDocumentFrequency, maxFeatures } = settings;
    let counted: TfidfVocabulary | undefined;
    return {
      passes: 1,
      add: (batch) => learner.add(joinedTexts(batch, columns)),
      requests: [
        {
          ...{ counts: { of: 'ngrams', analyzer, ngrams }, columns },
          ...{ least: minDocumentFrequency, most: maxFeatures },
          take: (found, rows) => (counted = countedVocabulary(found, rows, settings)),
        },
      ],
      block() {
        const { terms, idf } = counted ?? learner.vocabulary();
        const column = columns.join('+');
        return {
          kind: 'text',
          columns,
          settings: { analyzer, low: ngrams[0], high: ngrams[1] },
          features: terms.map((term, i) => ({ column, term, offset: 0, scale: idf[i]! })),
        };
      },
    };
  },
  transformer({ columns, settings, features }) {
    const transform = tfidfTransformer({
      analyzer: settings['analyzer'] === 'characters' ? 'characters' : 'words',
      ngrams: [Number(settings['low']), Number(settings['high'])],
      terms: features.map(({ term }) => term),
      idf: Float64Array.from(features, ({ scale }) => scale),
    });
    return (batch) => transform(joinedTexts(batch, columns));
  },
};
