import type { CsrMatrix } from '../../contracts/matrix.js';
import type { ColumnBatch } from '../../contracts/table.js';

/** What a fitted block learned about one feature. `offset` and `scale` mean what the block's kind says. */
export interface Feature {
  readonly column: string; // source column(s)
  readonly term: string;
  readonly offset: number;
  readonly scale: number;
}

/** Neighbouring features that are made in one way from some columns. Plain data: it is what is stored. */
export interface FittedBlock {
  readonly kind: string; // name in the registry of blocks
  readonly columns: readonly string[];
  readonly settings: Readonly<Record<string, number | string>>;
  readonly features: readonly Feature[];
  /** What making the features needs beside them: entries of a dictionary that are no features themselves. */
  readonly state?: readonly Feature[];
}

/** One way to make features: one file here, one line in featurizer.ts. */
export interface BlockKind<S> {
  readonly kind: string;
  /** Its features are presences or counts, never negative: `features.select` may leave them out. */
  readonly selectable?: true;
  /** Whether a row's features depend on the other rows of its group: column `group` of the batch. @default no */
  readsGroup?(block: FittedBlock): boolean;
  /** Learns from training rows only. */
  fit(batches: readonly ColumnBatch[], columns: readonly string[], settings: S): FittedBlock;
  /** A function from a batch to its features, (rows, features); keep it for many batches. */
  transformer(block: FittedBlock): (batch: ColumnBatch) => CsrMatrix;
}

/** Rows of (feature, value) pairs, collected in order. Features of a row must ascend. */
export class RowBuilder {
  private readonly indices: number[] = [];
  private readonly values: number[] = [];
  private readonly indptr: number[] = [0];

  add(feature: number, value: number): void {
    this.indices.push(feature);
    this.values.push(value);
  }

  endRow(): void {
    this.indptr.push(this.indices.length);
  }

  build(cols: number): CsrMatrix {
    return {
      rows: this.indptr.length - 1,
      cols,
      indptr: Int32Array.from(this.indptr),
      indices: Int32Array.from(this.indices),
      values: Float32Array.from(this.values),
    };
  }
}

/** Plain string order, by UTF-16 unit: the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Adds one to the count of a key. */
export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
