import { argmaxRows } from '../probability.js';
import type { AttributedText } from './attributedText.js';

/** A word (or a feature that is no text), and how it speaks for a class. */
interface WordShare {
  readonly word: string;
  readonly value: number; // what it adds where it stands, on average, in nats of log-odds
  readonly texts: number; // that have it
}

/** The words that speak most over all texts for a class and against it, those that speak most where they stand first. */
export interface WordShares {
  readonly toward: WordShare[];
  readonly against: WordShare[];
}

/**
 * Adds up over texts what each of their words says for a class.
 *
 * @param texts taken apart, all with the same question
 * @param most words on either side
 */
export function wordShares(
  texts: readonly Pick<AttributedText, 'parts' | 'rest'>[],
  most: number,
): WordShares {
  const sums = new Map<string, { sum: number; texts: number }>();
  for (const text of texts) {
    for (const [word, value] of wordsOf(text)) {
      const held = sums.get(word) ?? { sum: 0, texts: 0 };
      sums.set(word, { sum: held.sum + value, texts: held.texts + 1 });
    }
  }
  const ranked = [...sums].sort(([a, one], [b, other]) => other.sum - one.sum || (a < b ? -1 : 1));
  const share = ([word, { sum, texts: count }]: (typeof ranked)[number]): WordShare => ({
    ...{ word, value: sum / count, texts: count },
  });
  const ordered = (some: typeof ranked): WordShare[] =>
    some.map(share).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return {
    toward: ordered(ranked.filter(([, { sum }]) => sum > 0).slice(0, most)),
    against: ordered(ranked.filter(([, { sum }]) => sum < 0).slice(-most)),
  };
}

/** What each word of a text adds, all its places together; marks and spaces between words are no words. */
function wordsOf({ parts, rest }: Pick<AttributedText, 'parts' | 'rest'>): Map<string, number> {
  const found = new Map<string, number>();
  const add = (name: string, value: number): void => {
    const word = name.trim().toLowerCase();
    if (value !== 0 && /[\p{L}\p{N}]/u.test(word)) found.set(word, (found.get(word) ?? 0) + value);
  };
  for (const { text, value } of parts) add(text, value);
  for (const { name, value } of rest) if (!/^\[.+\]$/.test(name)) add(name, value); // [CLS], [SEP], [UNK]
  return found;
}

/** Rows that tell what a model looks at to say a class. */
export interface ClassRows {
  readonly code: number;
  readonly own: readonly number[]; // predicted to be of it, spread over the given rows
  readonly near: readonly number[]; // predicted to be of another class, though it comes nearest
  readonly typical: number; // of its own, the surest
}

/**
 * Chooses for each class that is predicted at all which rows to take apart.
 *
 * @param probabilities (n, K)
 * @param most rows of its own, and half as many near ones
 * @returns classes that are predicted most often first
 */
export function rowsByClass(probabilities: Float64Array, outputs: number, most: number): ClassRows[] {
  const predicted = argmaxRows(probabilities, outputs);
  const rowsOf = Array.from({ length: outputs }, (): number[] => []);
  predicted.forEach((code, row) => rowsOf[code]!.push(row));
  const sure = (row: number, code: number): number => probabilities[row * outputs + code]!;
  return rowsOf
    .map((own, code) => {
      const others = [...predicted.keys()].filter((row) => predicted[row] !== code);
      const bySureness = (a: number, b: number): number => sure(b, code) - sure(a, code) || a - b;
      return {
        code,
        all: own.length,
        own: spread(own, most),
        near: others.sort(bySureness).slice(0, Math.floor(most / 2)),
        typical: own.reduce((best, row) => (bySureness(row, best) < 0 ? row : best), own[0] ?? -1),
      };
    })
    .filter(({ all }) => all > 0)
    .sort((a, b) => b.all - a.all || a.code - b.code)
    .map(({ all: _, ...rows }) => rows);
}

/** At most so many, evenly over all of them. */
const spread = (rows: readonly number[], most: number): number[] =>
  rows.length <= most
    ? [...rows]
    : Array.from({ length: most }, (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / most)]!);
