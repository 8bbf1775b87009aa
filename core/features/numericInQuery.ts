import type { ColumnBatch } from '../../contracts/table.js';
import { RowBuilder, type BlockKind, type Feature, type FittedBlock } from './block.js';
import { numberColumn } from './columns.js';
import { groupsOf, withinGroups } from './match/withinGroups.js';
import { Moments } from './numeric.js';

const TERMS = ['below the best', 'rank'] as const;

/**
 * Where each number stands among those of its query: value minus the query's highest, and the share of the query's other
 * values above it (0 = the highest). (value − offset) / scale by the training rows; a missing number is 0, and counts for
 * none of the others.
 */
export const numericInQuery: BlockKind<object> = {
  kind: 'numericInQuery',
  readsGroup: () => true,
  /** Keeps the rows. */
  learner(columns) {
    const batches: ColumnBatch[] = [];
    return {
      passes: 1,
      add: (batch) => void batches.push(batch),
      block: () => fitted(batches, columns),
    };
  },
  transformer(block) {
    return (batch) => {
      const found = standings(block, batch);
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        block.features.forEach(({ offset, scale }, f) => {
          const value = (found[f]![row]! - offset) / scale;
          if (value !== 0 && !Number.isNaN(value)) rows.add(f, value);
        });
        rows.endRow();
      }
      return rows.build(block.features.length);
    };
  },
};

function fitted(batches: readonly ColumnBatch[], columns: readonly string[]): FittedBlock {
  const block: FittedBlock = {
    kind: 'numericInQuery',
    columns,
    settings: {},
    features: columns.flatMap((column) =>
      TERMS.map((term): Feature => ({ column, term, offset: 0, scale: 1 })),
    ),
  };
  const values = batches.map((batch) => standings(block, batch));
  const features = block.features.map((feature, f) => {
    const moments = new Moments();
    for (const pass of [0, 1]) for (const one of values) moments.add(one[f]!, pass);
    return { ...feature, offset: moments.mean, scale: moments.deviation };
  });
  return { ...block, features };
}

/** Values of every feature of the block, unscaled, (features)(rows); NaN where the number is missing. */
function standings({ columns }: FittedBlock, batch: ColumnBatch): Float64Array[] {
  const groups = groupsOf(batch, 'features.numeric.inQuery');
  return columns.flatMap((column) => {
    const values = numberColumn(batch, column);
    const known = groups.map((group, row) => (Number.isNaN(values[row]!) ? null : group));
    const { belowBest, rank } = withinGroups(values, known);
    return [belowBest, rank].map((own) =>
      own.map((value, row) => (Number.isNaN(values[row]!) ? Number.NaN : value)),
    );
  });
}
