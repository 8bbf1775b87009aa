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
  /** Empty where there is nothing to tell of each: then the setting `buckets` says how many there are. */
  readonly features: readonly Feature[];
  /** What making the features needs beside them: entries of a dictionary that are no features themselves. */
  readonly state?: readonly Feature[];
}

/** How many features a block has. */
export const widthOf = ({ features, settings }: Pick<FittedBlock, 'features' | 'settings'>): number =>
  features.length || Number(settings['buckets'] ?? 0);

/** What is counted of the training rows for a block, by whoever can count. */
export interface CountRequest {
  /** N-grams of the columns' texts joined; attributes of their lists; or values of one column, the missing one called so. */
  readonly counts:
    | {
        readonly of: 'ngrams';
        readonly analyzer: 'words' | 'characters';
        readonly ngrams: readonly [number, number];
      }
    | { readonly of: 'attributes' }
    | { readonly of: 'values'; readonly missing: string };
  readonly columns: readonly string[];
  /** Terms of fewer rows are not wanted. */
  readonly least: number;
  /** Of the others, those wanted at most: such as are there most often; of equals the first by code point. */
  readonly most?: number | undefined;
  /** @param counts in how many rows each term is, in any order */
  take(counts: readonly TermCount[], rows: number): void;
}

export type TermCount = readonly [term: string, rows: number];

/** Learns a block from rows that come in parts, and keeps none of them: all parts come once a pass, always in one order. */
export interface BlockLearner {
  readonly passes: number;
  add(batch: ColumnBatch, pass: number): void;
  /** After the last pass. */
  block(): FittedBlock;
  /** What may be counted and taken in place of all passes. */
  readonly requests?: readonly CountRequest[];
}

/** Of a block that the rows have no say in. */
export const knownBeforehand = (block: FittedBlock): BlockLearner => ({
  passes: 0,
  add: () => undefined,
  block: () => block,
});

/** One way to make features: one file here, one line in featurizer.ts. */
export interface BlockKind<S> {
  readonly kind: string;
  /** Its features are presences or counts, never negative: `features.select` may leave them out. */
  readonly selectable?: true;
  /** Whether a row's features depend on the other rows of its group: column `group` of the batch. @default no */
  readsGroup?(block: FittedBlock): boolean;
  /** Begins to learn; from training rows only. */
  learner(columns: readonly string[], settings: S): BlockLearner;
  /** A function from a batch to its features, (rows, features); keep it for many batches. */
  transformer(block: FittedBlock): (batch: ColumnBatch) => CsrMatrix;
}

/** Learns a block from rows that are all there. */
export function fitBlock(learner: BlockLearner, batches: readonly ColumnBatch[]): FittedBlock {
  for (let pass = 0; pass < learner.passes; pass++) for (const batch of batches) learner.add(batch, pass);
  return learner.block();
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
