import type { Random } from '../random.js';
import { isWrittenWithoutSpaces } from '../text/tokenize.js';

/** How texts are altered. */
export interface WordChanges {
  readonly replace: number; // chances, per word
  readonly drop: number;
  readonly swap: number;
}

/** Word, lower-cased, to what may stand for it. */
export type Synonyms = ReadonlyMap<string, readonly string[]>;

/**
 * A text with words replaced by synonyms, left out, or in another order; in scripts without spaces, characters. At least
 * one word stays.
 *
 * @source Wei & Zou 2019, EDA: Easy Data Augmentation (replacement, deletion, swap)
 */
export function altered(
  text: string,
  { replace, drop, swap }: WordChanges,
  synonyms: Synonyms,
  random: Random,
) {
  const spaceless = isWrittenWithoutSpaces([text]);
  const words = spaceless ? [...text] : text.split(/\s+/u).filter((word) => word !== '');
  const replaced = words.map((word) => {
    const choices = synonyms.get(word.toLowerCase()) ?? [];
    return choices.length > 0 && random.next() < replace ? choices[random.below(choices.length)]! : word;
  });
  const kept = replaced.filter(() => random.next() >= drop);
  const left = kept.length > 0 ? kept : replaced.slice(0, 1);
  for (let i = 0; i + 1 < left.length; i++) {
    if (random.next() < swap) [left[i], left[i + 1]] = [left[i + 1]!, left[i]!];
  }
  return left.join(spaceless ? '' : ' ');
}
