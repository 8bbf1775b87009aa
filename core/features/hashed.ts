import { hash32 } from '../random.js';
import { type BlockKind, knownBeforehand, RowBuilder } from './block.js';
import { textColumn } from './columns.js';

export interface HashedSettings {
  /** Buckets that all columns share; what falls into one bucket is added up. */
  readonly buckets: number;
}

const MISSING = '(missing)';

/**
 * Ids of very many values (users, items, placements) in a fixed number of features: `column=value` adds +1 or −1, by a
 * second hash, to the bucket of its hash. Nothing is learned, so that values that training never saw have a place too.
 *
 * @source Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009
 */
export const hashed: BlockKind<HashedSettings> = {
  kind: 'hashed',
  learner(columns, { buckets }) {
    const column = columns.join('+');
    const features = Array.from({ length: buckets }, (_unused, bucket) => ({
      column,
      term: `#${bucket}`,
      offset: 0,
      scale: 1,
    }));
    return knownBeforehand({ kind: 'hashed', columns, settings: { buckets }, features });
  },
  transformer({ columns, features }) {
    const buckets = features.length;
    return (batch) => {
      const values = columns.map((column) => textColumn(batch, column));
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        const sums = new Map<number, number>();
        columns.forEach((column, c) => {
          const key = `${column}=${values[c]![row] ?? MISSING}`;
          const bucket = hash32(key) % buckets;
          sums.set(bucket, (sums.get(bucket) ?? 0) + (hash32(key, SIGN_SEED) % 2 === 0 ? 1 : -1));
        });
        for (const [bucket, sum] of [...sums].sort(([a], [b]) => a - b)) {
          if (sum !== 0) rows.add(bucket, sum);
        }
        rows.endRow();
      }
      return rows.build(buckets);
    };
  },
};

const SIGN_SEED = 0x5eed;
