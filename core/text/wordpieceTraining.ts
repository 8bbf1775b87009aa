import { basicWords, type BasicTokenizerSettings } from './basicTokenizer.js';
import { byText, increment } from '../features/block.js';
import { CONTINUATION, SPECIAL_TOKENS } from './wordpiece.js';

export interface WordPieceTraining extends BasicTokenizerSettings {
  /** Tokens at most, special ones and single characters included. */
  readonly vocabularySize: number;
  /** Pairs of pieces that occur less often are not joined. */
  readonly minFrequency: number;
  /** Characters at most; the rarest go. @default 1000 */
  readonly alphabetLimit?: number;
}

/**
 * Learns a vocabulary of word pieces: single characters, then again and again the most frequent pair of neighbours as one
 * piece. Ties go to the pieces that were there first, so that the same texts give the same vocabulary.
 *
 * @returns the special tokens, then the alphabet by code point, then pieces as they were made
 * @source Hugging Face tokenizers, WordPieceTrainer (byte-pair merging with "##"), up to the order of ties
 */
export function trainWordPieces(texts: Iterable<string>, settings: WordPieceTraining): string[] {
  const words = countWords(texts, settings);
  const vocabulary = new Vocabulary([
    ...SPECIAL_TOKENS,
    ...alphabetOf(words, settings.alphabetLimit ?? 1000),
  ]);
  const merging = new Merging(
    words.map(([word, count]) => ({ count, pieces: charactersOf(word, vocabulary) })),
  );
  while (vocabulary.tokens.length < settings.vocabularySize) {
    const pair = merging.mostFrequent(Math.max(1, settings.minFrequency));
    if (!pair) break;
    const [left, right] = pair;
    const tail = vocabulary.tokens[right]!;
    const joined =
      vocabulary.tokens[left]! + (tail.startsWith(CONTINUATION) ? tail.slice(CONTINUATION.length) : tail);
    merging.join(left, right, vocabulary.idOf(joined));
  }
  return vocabulary.tokens;
}

class Vocabulary {
  private readonly ids: Map<string, number>;

  constructor(readonly tokens: string[]) {
    this.ids = new Map(tokens.map((token, id) => [token, id]));
  }

  has(token: string): boolean {
    return this.ids.has(token);
  }

  /** Of a known token, or of a new one. */
  idOf(token: string): number {
    const known = this.ids.get(token);
    if (known !== undefined) return known;
    this.ids.set(token, this.tokens.length);
    return this.tokens.push(token) - 1;
  }
}

/** Most frequent first, then in order of text. */
function countWords(texts: Iterable<string>, settings: BasicTokenizerSettings): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of basicWords(text, settings)) increment(counts, word);
  return [...counts].sort((a, b) => b[1] - a[1] || byText(a[0], b[0]));
}

function alphabetOf(words: readonly [string, number][], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0])).slice(0, limit);
  return frequent.map(([character]) => character).sort(byCodePoint);
}

const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;

/** Characters outside the alphabet are left out. */
function charactersOf(word: string, vocabulary: Vocabulary): number[] {
  const pieces: number[] = [];
  let isFirst = true;
  for (const character of word) {
    if (vocabulary.has(character))
      pieces.push(vocabulary.idOf(isFirst ? character : CONTINUATION + character));
    isFirst = false;
  }
  return pieces;
}

interface Word {
  readonly count: number;
  pieces: number[];
}

interface Candidate {
  readonly pair: number;
  count: number;
}

/** Ids are below 2²⁶, so that a pair is exact in a double and pairs compare as their ids do. */
const ID_RANGE = 2 ** 26;

/** Words as pieces, and how often which pieces are neighbours. */
class Merging {
  private readonly counts = new Map<number, number>(); // of pairs
  private readonly places = new Map<number, Set<number>>(); // words where a pair was seen
  private readonly heap: Candidate[] = [];

  constructor(private readonly words: Word[]) {
    words.forEach(({ pieces, count }, index) => {
      for (let i = 1; i < pieces.length; i++) this.change(pieces[i - 1]!, pieces[i]!, count, index);
    });
    for (const [pair, count] of this.counts) this.push({ pair, count });
  }

  /** Undefined where no pair is as frequent as that. */
  mostFrequent(atLeast: number): [number, number] | undefined {
    for (let top = this.pop(); top; top = this.pop()) {
      const count = this.counts.get(top.pair)!;
      if (count !== top.count) {
        if (count > 0) this.push({ ...top, count });
        continue;
      }
      return count < atLeast ? undefined : [Math.floor(top.pair / ID_RANGE), top.pair % ID_RANGE];
    }
    return undefined;
  }

  /** Makes one piece of a pair, wherever it stands. */
  join(left: number, right: number, joined: number): void {
    const pair = left * ID_RANGE + right;
    const places = this.places.get(pair)!;
    this.places.delete(pair);
    const grown = new Set<number>();
    for (const place of places) {
      const word = this.words[place]!;
      const { pieces, count } = word;
      const next: number[] = [];
      for (let i = 0; i < pieces.length; i++) {
        if (pieces[i] !== left || pieces[i + 1] !== right) {
          next.push(pieces[i]!);
          continue;
        }
        const before = next.at(-1);
        const after = pieces[i + 2];
        if (before !== undefined) {
          this.change(before, left, -count, place);
          grown.add(this.change(before, joined, count, place));
        }
        if (after !== undefined) {
          this.change(right, after, -count, place);
          grown.add(this.change(joined, after, count, place));
        }
        next.push(joined);
        i++;
      }
      word.pieces = next;
    }
    this.counts.set(pair, 0);
    for (const one of grown) {
      const count = this.counts.get(one)!;
      if (count > 0) this.push({ pair: one, count });
    }
  }

  private change(left: number, right: number, by: number, place: number): number {
    const pair = left * ID_RANGE + right;
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + by);
    if (by > 0) {
      const places = this.places.get(pair);
      if (places) places.add(place);
      else this.places.set(pair, new Set([place]));
    }
    return pair;
  }

  private push(candidate: Candidate): void {
    const { heap } = this;
    let at = heap.push(candidate) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(candidate, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = candidate;
  }

  private pop(): Candidate | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

const isBefore = (a: Candidate, b: Candidate): boolean =>
  a.count !== b.count ? a.count > b.count : a.pair < b.pair;
