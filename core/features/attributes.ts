import { byText, increment, RowBuilder, type BlockKind } from './block.js';
import { joinedTexts } from './columns.js';

export interface AttributeSettings {
  readonly minDocumentFrequency: number;
}

/**
 * The terms of a "key: value; key: value" list (";", "|" or a new line between pairs), lower-cased: for each pair
 * `key=value` and `key`; an entry without a colon is a key.
 */
export function attributeTerms(list: string): Set<string> {
  const terms = new Set<string>();
  for (const entry of list.toLowerCase().split(/[;|\n]/)) {
    const colon = entry.indexOf(':');
    const key = (colon < 0 ? entry : entry.slice(0, colon)).trim();
    const value = colon < 0 ? '' : entry.slice(colon + 1).trim();
    if (key !== '') terms.add(key);
    if (value !== '') terms.add(`${key}=${value}`);
  }
  return terms;
}

/** Bag of attributes: present or not, rows brought to length 1. Attribute columns share one vocabulary. */
export const attributes: BlockKind<AttributeSettings> = {
  kind: 'attributes',
  selectable: true,
  learner(columns, { minDocumentFrequency }) {
    const counts = new Map<string, number>();
    return {
      passes: 1,
      add(batch) {
        for (const list of joinedLists(batch, columns)) {
          for (const term of attributeTerms(list)) increment(counts, term);
        }
      },
      requests: [
        {
          ...{ counts: { of: 'attributes' }, columns, least: minDocumentFrequency },
          take: (found) => found.forEach(([term, rows]) => counts.set(term, rows)),
        },
      ],
      block() {
        const kept = [...counts].filter(([, count]) => count >= minDocumentFrequency).map(([term]) => term);
        const column = columns.join('+');
        const features = kept.sort(byText).map((term) => ({ column, term, offset: 0, scale: 1 }));
        return { kind: 'attributes', columns, settings: {}, features };
      },
    };
  },
  transformer({ columns, features }) {
    const index = new Map(features.map(({ term }, i) => [term, i]));
    return (batch) => {
      const rows = new RowBuilder();
      for (const list of joinedLists(batch, columns)) {
        const found = [...attributeTerms(list)].flatMap((term) => index.get(term) ?? []);
        found.sort((a, b) => a - b).forEach((feature) => rows.add(feature, 1 / Math.sqrt(found.length)));
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

const joinedLists: typeof joinedTexts = (batch, columns) => {
  const lists = columns.map((column) => joinedTexts(batch, [column]));
  return Array.from({ length: batch.rows }, (_, row) => lists.map((list) => list[row]!).join('\n'));
};
