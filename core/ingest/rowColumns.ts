import type { SqlColumn } from '../sql/text.js';
import type { ColumnPart } from './parts.js';
import { isNumericPart } from './typedRows.js';

/** What columns of `dataset` are called among rows under work: c0, c1, … in the order in which they were first asked for. */
export class RowColumns {
  readonly #columns = new Map<string, SqlColumn>();

  /** @param parts columns that are there in any case */
  constructor(parts: readonly ColumnPart[]) {
    for (const part of parts) this.of(part.name, isNumericPart(part) ? 'float64' : 'utf8');
  }

  get all(): readonly SqlColumn[] {
    return [...this.#columns.values()];
  }

  /** Of a column that is there. */
  named(name: string): string {
    return this.#columns.get(name)!.sql; // all parts have their columns from the start
  }

  of(name: string, type: SqlColumn['type']): SqlColumn {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = { name, type, sql: `c${this.#columns.size}` };
    this.#columns.set(name, column);
    return column;
  }
}
