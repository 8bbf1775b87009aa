const SURROGATE = /[\ud800-\udfff]/;

/** Place of each text among all, by code point. JavaScript compares UTF-16 units, which differs only where there are surrogates. */
export function ranks(texts: readonly string[]): Int32Array {
  const compare = texts.some((text) => SURROGATE.test(text))
    ? compareCodePoints
    : (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const order = Int32Array.from(texts.keys()).sort((a, b) => compare(texts[a]!, texts[b]!));
  const rank = new Int32Array(texts.length);
  order.forEach((text, place) => (rank[text] = place));
  return rank;
}

/** Order of texts by code point, as databases have it. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}

/**
 * Items by group, those of one group in the order they had: a counting sort.
 *
 * @param groupOf in [0, groups)
 * @returns group g is sorted[starts[g]] to sorted[starts[g + 1]], its end excluded
 */
export function grouped(
  items: Int32Array,
  groups: number,
  groupOf: (item: number) => number,
): { readonly sorted: Int32Array; readonly starts: Int32Array } {
  const starts = new Int32Array(groups + 1);
  for (const item of items) starts[groupOf(item) + 1]!++;
  for (let group = 0; group < groups; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice();
  const sorted = new Int32Array(items.length);
  for (const item of items) sorted[next[groupOf(item)]!++] = item;
  return { sorted, starts };
}
