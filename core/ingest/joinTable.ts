import type { JoinConfig } from '../../contracts/joinSettings.js';
import {
  AMBIGUOUS,
  describedKey,
  givenColumns,
  joinKeys,
  NO_MATCH,
  requireJoined,
  type JoinCounts,
  type JoinPlan,
  type JoinShape,
} from './joins.js';
import type { RecordBlock, Refusal } from './source.js';

type Cells = readonly (string | null)[];

interface Entry {
  /** By the position in the header of all files. */
  readonly cells: Cells;
  readonly place: string;
  readonly keys: readonly string[];
  times: number;
}

/** A table that rows are joined with, held in memory by its key. Keys are compared as text, trimmed. */
export class JoinTable implements JoinShape, JoinCounts {
  readonly #header = new Map<string, number>();
  readonly #entries = new Map<string, Entry>();
  #columns: readonly string[] | undefined;
  rows = 0;
  withoutKey = 0;
  matched = 0;
  unmatched = 0;
  ambiguous = 0;

  constructor(readonly join: JoinConfig) {}

  get columns(): readonly string[] {
    return (this.#columns ??= givenColumns([...this.#header.keys()], this.join));
  }

  /** Takes further rows of the table. */
  add({ header, records }: RecordBlock, file: string): void {
    this.#columns = undefined;
    for (const name of header) if (!this.#header.has(name)) this.#header.set(name, this.#header.size);
    const to = header.map((name) => this.#header.get(name)!);
    const at = joinKeys(this.join).map(({ right }) => header.indexOf(right));
    for (const { cells, line } of records) {
      const keys = keysAt(cells, at);
      if (!isWhole(keys)) {
        this.withoutKey++;
        continue;
      }
      this.rows++;
      const known = this.#entries.get(JSON.stringify(keys));
      if (known) {
        known.times++;
        continue;
      }
      const own = new Array<string | null>(this.#header.size).fill(null);
      cells.forEach((cell, i) => (own[to[i]!] = cell));
      this.#entries.set(JSON.stringify(keys), { cells: own, place: `${file}, line ${line}`, keys, times: 1 });
    }
  }

  /** A file of the table has come to its end. @throws DataError where it lacks a column */
  endFile(header: readonly string[], file: string): void {
    requireJoined(file, header, this.join);
  }

  /** Keys that are there more than once, in reading order. */
  repeated(): string[] {
    return [...this.#entries.values()].flatMap(({ keys, place, times }) =>
      times > 1 ? [`${describedKey(this.join, keys)} (${place})`] : [],
    );
  }

  /** What a row gets, and why it can't stay, where it can't. */
  find(keys: readonly (string | null)[]): { readonly cells: Cells; readonly refusal?: Refusal } {
    const entry = isWhole(keys) ? this.#entries.get(JSON.stringify(keys)) : undefined;
    const { name, unmatched } = this.join;
    const columns = this.columns;
    const none = columns.map(() => null);
    if (entry === undefined) {
      this.unmatched++;
      if (unmatched === 'keep') return { cells: none };
      const reason = `${name}: no row has ${describedKey(this.join, keys)}`;
      return { cells: none, refusal: { rule: NO_MATCH + name, reason } };
    }
    if (entry.times === 1) {
      this.matched++;
      return { cells: columns.map((column) => entry.cells[this.#header.get(column)!] ?? null) };
    }
    this.ambiguous++;
    const reason = `${name}: ${entry.times} rows have ${describedKey(this.join, keys)}, the first is at ${entry.place}`;
    return { cells: none, refusal: { rule: AMBIGUOUS + name, reason } };
  }
}

/** The rows with what the tables give them. */
export function joinBlock(
  { header, records, unreadable }: RecordBlock,
  plan: JoinPlan,
  tables: readonly JoinTable[],
): RecordBlock {
  const joined = records.map(({ cells: own, line }) => {
    const cells = Array.from(header, (_, i) => own[i] ?? null);
    const refusals = tables.flatMap((table, i) => {
      const found = table.find(keysAt(cells, plan.keys[i]!));
      cells.push(...found.cells);
      return found.refusal ?? [];
    });
    const [refusal] = refusals;
    return { cells, line, ...(refusal ? { refusal } : {}) };
  });
  return { header: plan.header, records: joined, unreadable };
}

const keysAt = (cells: Cells, positions: readonly number[]): (string | null)[] =>
  positions.map((at) => cells[at]?.trim() || null);

const isWhole = (keys: readonly (string | null)[]): keys is string[] => keys.every((key) => key !== null);
