import { ConfigError } from '../../contracts/errors.js';
import { basicWords, type BasicTokenizerSettings } from './basicTokenizer.js';

/** Tokens that stand for no text, in the order in which a vocabulary of ours begins. */
export const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
export type SpecialToken = (typeof SPECIAL_TOKENS)[number];

/** Marks a piece that goes on a word. */
export const CONTINUATION = '##';

/** A longer word is unknown. */
const LONGEST_WORD = 100;
/** Words whose pieces are remembered: more than most corpora have. */
const REMEMBERED = 1 << 18;

/** Turns texts into ids of word pieces. Keep it for many texts: it remembers words. */
export interface WordPieceEncoder {
  readonly specials: Readonly<Record<SpecialToken, number>>;
  /** Ids of a text's pieces, without special tokens. */
  encode(text: string): number[];
}

/**
 * The encoder of a vocabulary; the id of a token is its place in it.
 *
 * @throws ConfigError where the vocabulary lacks a special token, or [PAD] is not its first
 * @source Devlin et al. 2019, BERT: greedy, longest match first
 */
export function wordPieceEncoder(
  vocabulary: readonly string[],
  settings: BasicTokenizerSettings,
): WordPieceEncoder {
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const specials = specialIds(ids);
  const remembered = new Map<string, readonly number[]>();
  const unknown = [specials['[UNK]']];
  return {
    specials,
    encode(text) {
      const found: number[] = [];
      for (const word of basicWords(text, settings)) {
        let pieces = remembered.get(word);
        if (!pieces) {
          pieces = piecesOf(word, ids) ?? unknown;
          if (remembered.size < REMEMBERED) remembered.set(word, pieces);
        }
        for (const piece of pieces) found.push(piece);
      }
      return found;
    },
  };
}

function specialIds(ids: ReadonlyMap<string, number>): Record<SpecialToken, number> {
  const missing = SPECIAL_TOKENS.filter((token) => !ids.has(token));
  if (missing.length > 0) {
    throw new ConfigError(
      `vocabulary of word pieces: expected the tokens ${SPECIAL_TOKENS.join(' ')}, ${missing.join(' ')} missing; is it BERT's vocab.txt?`,
    );
  }
  if (ids.get('[PAD]') !== 0) {
    throw new ConfigError(
      `vocabulary of word pieces: expected [PAD] as its first token, found it as number ${ids.get('[PAD]')}`,
    );
  }
  return Object.fromEntries(SPECIAL_TOKENS.map((token) => [token, ids.get(token)!])) as Record<
    SpecialToken,
    number
  >;
}

/** Undefined where the word can't be put together of pieces. */
function piecesOf(word: string, ids: ReadonlyMap<string, number>): number[] | undefined {
  const whole = ids.get(word);
  if (whole !== undefined) return [whole];
  const characters = [...word];
  if (characters.length > LONGEST_WORD) return undefined;
  const pieces: number[] = [];
  for (let start = 0; start < characters.length;) {
    let piece: number | undefined;
    let end = characters.length;
    for (; end > start && piece === undefined; end--) {
      const text = characters.slice(start, end).join('');
      piece = ids.get(start === 0 ? text : CONTINUATION + text);
    }
    if (piece === undefined) return undefined;
    pieces.push(piece);
    start = end + 1;
  }
  return pieces;
}
