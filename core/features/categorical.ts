import { byText, increment, RowBuilder, type BlockKind } from './block.js';
import { textColumn } from './columns.js';

export interface CategoricalSettings {
  readonly minFrequency: number;
}

const MISSING = '(missing)';
const OTHER = '(other)';

/** One-hot columns. A missing value is a category of its own; rare and unknown ones share the feature `(other)`. */
export const categorical: BlockKind<CategoricalSettings> = {
  kind: 'categorical',
  selectable: true,
  learner(columns, { minFrequency }) {
    const counts = columns.map(() => new Map<string, number>());
    return {
      passes: 1,
      add(batch) {
        columns.forEach((column, c) => {
          for (const value of textColumn(batch, column)) increment(counts[c]!, value ?? MISSING);
        });
      },
      requests: columns.map((column, c) => ({
        ...{ counts: { of: 'values', missing: MISSING }, columns: [column], least: minFrequency },
        take: (found) => found.forEach(([term, rows]) => counts[c]!.set(term, rows)),
      })),
      block() {
        const features = columns.flatMap((column, c) => {
          const kept = [...counts[c]!].filter(([term, count]) => term !== OTHER && count >= minFrequency);
          const terms = [...kept.map(([term]) => term).sort(byText), OTHER];
          return terms.map((term) => ({ column, term, offset: 0, scale: 1 }));
        });
        return { kind: 'categorical', columns, settings: {}, features };
      },
    };
  },
  transformer({ columns, features }) {
    const indices = columns.map((name) => {
      const own = features.flatMap(({ column, term }, i) => (column === name ? [[term, i] as const] : []));
      return new Map(own);
    });
    return (batch) => {
      const values = columns.map((column) => textColumn(batch, column));
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        indices.forEach((index, c) => {
          const feature = index.get(values[c]![row] ?? MISSING) ?? index.get(OTHER);
          if (feature !== undefined) rows.add(feature, 1);
        });
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};
