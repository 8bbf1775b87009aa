import { spelled } from '../knowledge/phrases.js';

/** Pairs of a "key: value; key: value" list; an entry without a colon has no value. */
function pairsOf(list: string): (readonly [string, string])[] {
  return list.split(/[;|\n]/).flatMap((entry) => {
    const colon = entry.indexOf(':');
    const pair = [entry.slice(0, Math.max(0, colon)).trim(), entry.slice(colon + 1).trim()] as const;
    return colon > 0 && pair[0] !== '' && pair[1] !== '' ? [pair] : [];
  });
}

/**
 * A function that adds what a row's text says of attributes that its list lacks: a key is filled in where the text holds
 * exactly one of the values that other rows have of it, as whole words. Values shorter than three characters are not looked for.
 *
 * @param lists of training rows
 */
export function attributeFiller(
  lists: readonly (string | null)[],
): (list: string | null, text: string) => string | null {
  const values = new Map<string, Map<string, string>>(); // key → spelled value → value
  for (const list of lists) {
    for (const [key, value] of pairsOf(list ?? '')) {
      const known = values.get(key) ?? new Map<string, string>();
      values.set(key, known);
      const words = spelled(value);
      if (words.trim().length >= 3 && !known.has(words)) known.set(words, value);
    }
  }
  return (list, text) => {
    const present = new Set(pairsOf(list ?? '').map(([key]) => key));
    const words = spelled(text);
    const added = [...values].flatMap(([key, known]) => {
      if (present.has(key)) return [];
      const found = [...known].filter(([phrase]) => words.includes(phrase));
      return found.length === 1 ? [`${key}: ${found[0]![1]}`] : [];
    });
    if (added.length === 0) return list;
    return [...(list === null || list.trim() === '' ? [] : [list]), ...added].join('; ');
  };
}
