import { DataError } from '../contracts/errors.js';

/** How the rows of a file are cut, and which of them belong together. */
export interface ShardPlan<Row> {
  /** Rows of a shard, more where a query ends later. */
  readonly rows: number;
  /** Which query a row belongs to; null: none, it is alone; undefined: it can't be read. */
  readonly groupOf?: (row: Row) => string | null | undefined;
  /** Names a row in messages: the file, and its line. */
  readonly nameOf: (row: Row) => string;
  readonly groupColumn?: string;
}

/** Rows of one query, at most: they are in memory together. */
const MOST_TOGETHER = 1_000_000;

/** Cuts rows, in order, into shards. Where rows have a query, a shard ends with one, and no query is in two. */
export class Shards<Row> {
  readonly #waiting: Row[] = [];
  #looked = 0; // rows from here on may begin a shard
  #last: string | null | undefined;
  readonly #cut = new Set<string>(); // queries that are in shards already

  constructor(readonly plan: ShardPlan<Row>) {}

  /**
   * Shards that these rows complete.
   *
   * @throws DataError where a query goes on that an earlier shard ended, or has more rows than are taken
   */
  *add(rows: readonly Row[]): Generator<Row[]> {
    for (const row of rows) this.#waiting.push(row);
    for (let end = this.#end(); end > 0; end = this.#end()) yield this.#take(end);
  }

  /** What is left at the end of the file, perhaps nothing. @throws DataError as `add` does */
  rest(): Row[] {
    return this.#take(this.#waiting.length);
  }

  /** How many of the waiting rows are a shard; 0: more have to come. */
  #end(): number {
    const { rows, groupOf } = this.plan;
    if (!groupOf) return this.#waiting.length >= rows ? rows : 0;
    for (; this.#looked < this.#waiting.length; this.#looked++) {
      const group = groupOf(this.#waiting[this.#looked]!);
      if (group === undefined) continue;
      if (this.#looked >= rows && (group === null || group !== this.#last)) return this.#looked;
      this.#last = group;
    }
    if (this.#looked < rows + MOST_TOGETHER) return 0;
    throw new DataError(
      `${this.plan.nameOf(this.#waiting[rows]!)}: ${this.#named(this.#last ?? '')} has more than ${MOST_TOGETHER} rows, which are answered together; ` +
        'cut what is no query of its own',
    );
  }

  #take(count: number): Row[] {
    const shard = this.#waiting.splice(0, count);
    this.#looked = 0;
    const { groupOf, nameOf } = this.plan;
    if (!groupOf) return shard;
    const groups = shard.map((row) => groupOf(row) ?? undefined);
    groups.forEach((group, at) => {
      if (group === undefined || !this.#cut.has(group)) return;
      throw new DataError(
        `${nameOf(shard[at]!)}: ${this.#named(group)} goes on here, but its first rows stand far above and are answered already; ` +
          `rows of one query are answered together: sort the file by "${this.plan.groupColumn}", or give a --shard-rows as large as the file`,
      );
    });
    for (const group of groups) if (group !== undefined) this.#cut.add(group);
    return shard;
  }

  #named(group: string): string {
    return `${this.plan.groupColumn} ${JSON.stringify(group)}`;
  }
}
