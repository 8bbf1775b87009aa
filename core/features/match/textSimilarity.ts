import { termsOf, type Collection, type Terms } from './collection.js';

/** What two texts have in common, by name, in the order of the features. */
export const TEXT_SIMILARITIES = [
  'bm25',
  'bm25 of the best possible',
  'tfidf cosine',
  'character cosine',
  'left words found',
  'right words found',
  'left characters found',
  'left words found, by rarity',
  'rarest left word missing',
  'left numbers found',
  'right numbers found',
  'fuzzy left words found',
  'left without spaces found',
  'first word found',
  'left words',
  'right words',
] as const;

const K1 = 1.2;
const B = 0.75;
const HAS_DIGIT = /\d/;

interface Weighed extends Terms {
  readonly set: ReadonlySet<string>; // tokens
  readonly wordVector: ReadonlyMap<string, number>; // of length 1
  readonly characterVector: ReadonlyMap<string, number>; // of length 1
  readonly bigrams: readonly ReadonlySet<string>[]; // of each token
  readonly joined: string; // tokens without spaces
}

/**
 * Compares pairs of texts. BM25 and rarity look for the left text's words (the query) in the right one (the item); a term
 * that the collection lacks counts as rarest.
 *
 * @returns for a pair, a number for each of {@link TEXT_SIMILARITIES}
 * @source Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009 (k1 = 1.2, b = 0.75, idf as
 * in Lucene: ln(1 + (N − df + ½)/(df + ½))); cosines of (1 + ln tf)·(ln((1 + N)/(1 + df)) + 1) as in scikit-learn
 */
export function textComparer(collection: Collection): (left: string, right: string) => number[] {
  const known = new Map<string, Weighed>();
  const weighed = (text: string): Weighed => {
    const held = known.get(text) ?? weigh(termsOf(text), collection);
    known.set(text, held);
    return held;
  };
  const rarity = (word: string): number => {
    const df = collection.words.get(word) ?? 0;
    return Math.log(1 + (collection.documents - df + 0.5) / (df + 0.5));
  };
  return (left, right) => compare(weighed(left), weighed(right), rarity, collection.meanLength);
}

function compare(
  left: Weighed,
  right: Weighed,
  rarity: (word: string) => number,
  meanLength: number,
): number[] {
  const distinct = [...left.set];
  const found = distinct.filter((word) => right.set.has(word));
  const all = distinct.reduce((sum, word) => sum + rarity(word), 0);
  const saturated = K1 * (1 - B + (B * right.tokens.length) / Math.max(meanLength, 1e-9));
  const bm25 = found.reduce((sum, word) => {
    const times = right.words.get(word)!;
    return sum + (rarity(word) * times * (K1 + 1)) / (times + saturated);
  }, 0);
  const numbers = (side: Weighed): string[] => [...side.set].filter((word) => HAS_DIGIT.test(word));
  const missing = distinct.filter((word) => !right.set.has(word));
  return [
    bm25,
    share(bm25, all * (K1 + 1)),
    cosine(left.wordVector, right.wordVector),
    cosine(left.characterVector, right.characterVector),
    share(found.length, distinct.length),
    share(found.length, right.set.size),
    share(
      [...left.characters.keys()].filter((gram) => right.characters.has(gram)).length,
      left.characters.size,
    ),
    share(
      found.reduce((sum, word) => sum + rarity(word), 0),
      all,
    ),
    missing.reduce((most, word) => Math.max(most, rarity(word)), 0),
    sharePresent(numbers(left), right.set),
    sharePresent(numbers(right), left.set),
    fuzzy(left, right),
    left.joined !== '' && right.joined.includes(left.joined) ? 1 : 0,
    right.set.has(left.tokens[0] ?? '') ? 1 : 0,
    left.tokens.length,
    right.tokens.length,
  ];
}

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** 1 where there is nothing to be found. */
const sharePresent = (words: readonly string[], among: ReadonlySet<string>): number =>
  words.length === 0 ? 1 : words.filter((word) => among.has(word)).length / words.length;

/** Mean, over the left words, of the highest Dice coefficient of character pairs with a right word. */
function fuzzy(left: Weighed, right: Weighed): number {
  const best = left.bigrams.map((own) =>
    right.bigrams.reduce((most, other) => Math.max(most, dice(own, other)), 0),
  );
  return share(
    best.reduce((sum, one) => sum + one, 0),
    best.length,
  );
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of a) if (b.has(pair)) common++;
  return (2 * common) / Math.max(1, a.size + b.size);
}

/** Pairs of neighbouring characters of a word between marks of its ends. */
function pairsOf(word: string): ReadonlySet<string> {
  const units = ['^', ...word, '$'];
  return new Set(units.slice(1).map((unit, i) => `${units[i]!}${unit}`));
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [term, weight] of few) sum += weight * (many.get(term) ?? 0);
  return sum;
}

function weigh(terms: Terms, { documents, words, characters }: Collection): Weighed {
  const vector = (counts: ReadonlyMap<string, number>, frequencies: ReadonlyMap<string, number>) => {
    const raw = [...counts].map(([term, count]): [string, number] => {
      const idf = Math.log((1 + documents) / (1 + (frequencies.get(term) ?? 0))) + 1;
      return [term, (1 + Math.log(count)) * idf];
    });
    const length = Math.sqrt(raw.reduce((sum, [, weight]) => sum + weight * weight, 0));
    return new Map(raw.map(([term, weight]) => [term, weight / length]));
  };
  return {
    ...terms,
    set: new Set(terms.tokens),
    wordVector: vector(terms.words, words),
    characterVector: vector(terms.characters, characters),
    bigrams: terms.tokens.map(pairsOf),
    joined: terms.tokens.join(''),
  };
}
