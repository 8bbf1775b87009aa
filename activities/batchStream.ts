import type { ColumnBatch } from '../contracts/table.js';

/** Batches from someone who makes them to someone who writes them, at the pace of the writer. */
export class BatchStream implements AsyncIterable<ColumnBatch> {
  readonly #waiting: ColumnBatch[] = [];
  #wake: () => void = () => undefined;
  #taken: () => void = () => undefined;
  #end: { readonly error?: unknown } | undefined;

  /** Adds a batch. Wait for {@link drained} before the next one. */
  push(batch: ColumnBatch): void {
    this.#waiting.push(batch);
    this.#wake();
  }

  /** No further batch comes; with an error, the reader fails of it. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  /** Settles when the reader has taken every batch. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#taken = resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ColumnBatch> {
    try {
      for (;;) {
        const batch = this.#waiting.shift();
        if (batch) {
          this.#taken();
          yield batch;
        } else if (this.#end) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      // A reader that gave up must not keep the maker waiting.
      this.#waiting.length = 0;
      this.#taken();
    }
  }
}
