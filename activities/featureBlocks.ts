import type { ArtifactRef } from '../contracts/artifact.js';
import type { SparseRows } from '../contracts/matrix.js';
import type { StageContext } from '../contracts/store.js';
import { IntList } from '../core/text/intList.js';
import { integers } from '../core/table.js';

const ENTRIES_PER_BLOCK = 2 ** 20;
const ROWS_PER_BLOCK = 2 ** 16;

/**
 * Stored sparse features in blocks of about so many entries, each good until the next is asked for; then the number of columns.
 *
 * @see writeFeatures
 * @throws the abortion between two batches
 */
export async function* featureBlocks(
  { artifacts, signal }: Pick<StageContext, 'artifacts' | 'signal'>,
  ref: ArtifactRef,
  rows: number,
  entriesPerBlock = ENTRIES_PER_BLOCK,
): AsyncGenerator<SparseRows, number> {
  const block = new GrowingBlock();
  let cols = 0;
  let row = 0; // under way
  for await (const batch of artifacts.readTable(ref)) {
    signal.throwIfAborted();
    const [owners, indices] = [integers(batch, 'row'), integers(batch, 'index')];
    const values = batch.columns['value'] as Float32Array; // of SPARSE_COLUMNS
    for (let i = 0; i < batch.rows; i++) {
      for (; row < owners[i]!; row++) {
        block.endRow();
        if (block.entries >= entriesPerBlock || block.rows >= ROWS_PER_BLOCK) yield block.take();
      }
      if (owners[i] === rows) cols = indices[i]!;
      else block.add(indices[i]!, values[i]!);
    }
  }
  if (block.rows > 0) yield block.take();
  return cols;
}

/** Rows under way; its memory is used again for the next block. */
class GrowingBlock {
  readonly #indptr = new IntList(); // ends of rows
  readonly #indices = new IntList(ENTRIES_PER_BLOCK);
  #values = new Float32Array(ENTRIES_PER_BLOCK);

  get rows(): number {
    return this.#indptr.length;
  }

  get entries(): number {
    return this.#indices.length;
  }

  add(index: number, value: number): void {
    this.#indices.push(index);
    if (this.#values.length < this.#indices.length) {
      const grown = new Float32Array(this.#indices.values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#indices.length - 1] = value;
  }

  endRow(): void {
    this.#indptr.push(this.#indices.length);
  }

  take(): SparseRows {
    const [rows, entries] = [this.rows, this.entries];
    const indptr = new Int32Array(rows + 1);
    indptr.set(this.#indptr.values.subarray(0, rows), 1);
    this.#indptr.length = 0;
    this.#indices.length = 0;
    return {
      rows,
      indptr,
      indices: this.#indices.values.subarray(0, entries),
      values: this.#values.subarray(0, entries),
    };
  }
}
