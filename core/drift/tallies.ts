import type { ColumnBatch } from '../../contracts/table.js';
import { increment } from '../features/block.js';
import { type Bins, categoryBins, type Counted, numericBins } from './bins.js';

/** What was seen of a column so far, batch by batch; the order of rows makes no difference. */
export interface Tally {
  add(batch: ColumnBatch): void;
  values(): Iterable<Counted>;
  /** Bins made of what was seen. */
  bins(): Bins;
}

const FIRST_ROOM = 1024;

/** Numbers, each kept: deciles are exact. */
export class NumberTally implements Tally {
  #kept = new Float64Array(FIRST_ROOM);
  #size = 0;

  /** @param numbersOf one a row; NaN is missing */
  constructor(readonly numbersOf: (batch: ColumnBatch) => Float64Array) {}

  add(batch: ColumnBatch): void {
    const numbers = this.numbersOf(batch);
    const size = this.#size + numbers.length;
    if (size > this.#kept.length) {
      const larger = new Float64Array(Math.max(size, 2 * this.#kept.length));
      larger.set(this.#kept.subarray(0, this.#size));
      this.#kept = larger;
    }
    this.#kept.set(numbers, this.#size);
    this.#size = size;
  }

  values(): Iterable<Counted> {
    return once(this.#kept.subarray(0, this.#size));
  }

  bins(): Bins {
    return numericBins(this.#kept.subarray(0, this.#size));
  }
}

/** Texts, of which the distinct ones are kept. */
export class TextTally implements Tally {
  readonly #times = new Map<string, number>();
  #missing = 0;

  /**
   * @param textsOf any number a row; null is missing
   * @param most bins at most, without those of others and of what is missing
   */
  constructor(
    readonly textsOf: (batch: ColumnBatch) => Iterable<string | null>,
    readonly most?: number,
  ) {}

  add(batch: ColumnBatch): void {
    for (const text of this.textsOf(batch)) {
      if (text === null) this.#missing++;
      else increment(this.#times, text);
    }
  }

  *values(): Iterable<Counted> {
    yield* this.#times;
    yield [null, this.#missing];
  }

  bins(): Bins {
    return categoryBins(this.#times, this.most);
  }
}

/** Each value by itself. */
export function* once(values: Float64Array): Iterable<Counted> {
  for (const value of values) yield [value, 1];
}
