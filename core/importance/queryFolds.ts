import { groupedStratifiedFolds } from '../folds.js';

/** A fold of queries to judge, and what may be learned from for it. Rows ascend. */
export interface QueryFold {
  readonly heldOut: Int32Array;
  /** Rows of other queries, less those that share a duplicate cluster with a held-out row. */
  readonly training: Int32Array;
  readonly purged: number; // rows that were left out for that
}

/**
 * Folds by query for a ranking: a query's items are held out together, and items that are duplicates of held-out ones are
 * not trained on. Joining queries that share a product into one group instead would leave a catalogue in one piece.
 *
 * @param clusters near-duplicate cluster of each row, (n,)
 * @throws DataError where there are fewer queries than folds
 */
export function queryFolds({
  targets,
  queries,
  clusters,
  folds,
  seed,
}: {
  readonly targets: Int32Array; // (n,)
  readonly queries: Int32Array; // (n,)
  readonly clusters: Int32Array; // (n,)
  readonly folds: number;
  readonly seed: number;
}): QueryFold[] {
  const rows = Int32Array.from(targets.keys());
  const of = groupedStratifiedFolds({ rows, targets, groups: queries, folds, seed, missingClass: 'allow' });
  return Array.from({ length: folds }, (_, fold) => {
    const heldOut = rows.filter((row) => of[row] === fold);
    const seen = new Set(Array.from(heldOut, (row) => clusters[row]!));
    const others = rows.filter((row) => of[row] !== fold);
    const training = others.filter((row) => !seen.has(clusters[row]!));
    return { heldOut, training, purged: others.length - training.length };
  });
}
