import type { ModelInput, SequenceBatch } from '../../contracts/model.js';
import type { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { isWrittenWithoutSpaces } from '../text/tokenize.js';
import { fitVocabulary, UNKNOWN, vocabularyEncoder, type VocabularySettings } from '../text/vocabulary.js';
import { wordPieceEncoder } from '../text/wordpiece.js';
import { trainWordPieces } from '../text/wordpieceTraining.js';
import type { FittedBlock } from './block.js';
import { joinedTexts } from './columns.js';

/** Name of the block that makes sequences instead of sparse features. */
export const SEQUENCE = 'sequence';

export interface SequencePlan {
  readonly tokenizer: 'words' | 'wordpiece';
  /** A vocabulary that is given instead of learned: that of an imported encoder. */
  readonly vocabulary?: readonly string[];
}

/** Learns the tokens of text columns. Give it training rows only. Its features are the tokens, in order of id. */
export function fitSequences(
  batches: readonly ColumnBatch[],
  columns: readonly string[],
  { sequence, script }: FeaturesConfig,
  { tokenizer, vocabulary }: SequencePlan,
): FittedBlock {
  const { length, vocabularySize, minFrequency, lowerCase } = sequence;
  const texts = batches.flatMap((batch) => joinedTexts(batch, columns));
  const isPair = sequence.pair && tokenizer === 'wordpiece' && columns.length === 2;
  const spaceless = script === 'characters' || (script === 'auto' && isWrittenWithoutSpaces(texts));
  const unit = spaceless ? 'characters' : 'words';
  const learned =
    vocabulary ??
    (tokenizer === 'wordpiece'
      ? trainWordPieces(texts, { vocabularySize, minFrequency, lowerCase })
      : fitVocabulary(texts, { unit, vocabularySize, minFrequency }));
  const column = columns.join('+');
  return {
    kind: SEQUENCE,
    columns,
    settings: {
      length,
      pair: Number(isPair),
      ...(tokenizer === 'wordpiece' ? { tokenizer, lowerCase: Number(lowerCase) } : { tokenizer: unit }),
    },
    features: learned.map((term) => ({ column, term, offset: 0, scale: 1 })),
  };
}

/** A function from a batch to its sequences; keep it for many batches. A text without a token is one unknown token. */
export function sequenceTransformer(block: FittedBlock): (batch: ColumnBatch) => ModelInput {
  const { columns, settings, features } = block;
  const length = Number(settings['length']);
  const vocabulary = features.map(({ term }) => term);
  const encode = encoderOf(vocabulary, settings);
  const batchOf = (texts: readonly string[], place: Place): SequenceBatch =>
    padded(
      texts.map((text) => encode(text, length, place)),
      length,
      vocabulary.length,
    );
  return (batch) => {
    if (settings['pair'] !== 1)
      return { kind: 'sequence', batch: batchOf(joinedTexts(batch, columns), 'first') };
    const [first, second] = columns.map((column) => joinedTexts(batch, [column]));
    return { kind: 'pair', first: batchOf(first!, 'first'), second: batchOf(second!, 'second') };
  };
}

/** Where a text stands: the first brings [CLS], each ends in [SEP]. */
type Place = 'first' | 'second';

function encoderOf(
  vocabulary: readonly string[],
  settings: FittedBlock['settings'],
): (text: string, length: number, place: Place) => number[] {
  if (settings['tokenizer'] !== 'wordpiece') {
    const unit: VocabularySettings['unit'] = settings['tokenizer'] === 'characters' ? 'characters' : 'words';
    const encode = vocabularyEncoder(vocabulary, unit);
    const empty = [vocabulary.indexOf(UNKNOWN)];
    return (text, length) => {
      const found = encode(text).slice(0, length);
      return found.length > 0 ? found : empty;
    };
  }
  const { encode, specials } = wordPieceEncoder(vocabulary, { lowerCase: settings['lowerCase'] === 1 });
  return (text, length, place) => {
    const opening = place === 'first' ? [specials['[CLS]']] : [];
    return [...opening, ...encode(text).slice(0, length - opening.length - 1), specials['[SEP]']];
  };
}

function padded(rows: readonly (readonly number[])[], length: number, vocabulary: number): SequenceBatch {
  const tokens = new Int32Array(rows.length * length);
  rows.forEach((row, i) => tokens.set(row, i * length));
  return { rows: rows.length, length, vocabulary, tokens };
}
