import type { ColumnSpec } from '../../contracts/artifact.js';
import { DataError } from '../../contracts/errors.js';
import { SPLITS, type Split } from '../../contracts/prepared.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import { nearestName } from '../nearestName.js';

type Values = (string | null)[] | Float64Array;

/** A row that a rule takes out. */
export interface Drop {
  readonly row: number;
  readonly rule: string;
  readonly reason: string;
}

/** The table `dataset` while it is cleaned: rows leave, values of numeric and text columns change, nothing is added. */
export class WorkTable {
  readonly #columns = new Map<string, Values>();
  readonly #dropped = new Map<number, Drop>();

  constructor(
    readonly schema: readonly ColumnSpec[],
    batches: readonly ColumnBatch[],
  ) {
    for (const { name, type } of schema) {
      const parts = batches.map((batch) => batch.columns[name]);
      this.#columns.set(
        name,
        type === 'float64' ? joinNumbers(parts as Float64Array[]) : (parts.flat() as (string | null)[]),
      );
    }
  }

  /** Rows that came in. */
  get rows(): number {
    return this.#columns.get('id')!.length;
  }

  get dropped(): readonly Drop[] {
    return [...this.#dropped.values()].sort((a, b) => a.row - b.row);
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  isNumeric(name: string): boolean {
    return this.#columns.get(name) instanceof Float64Array;
  }

  /** The column's values, (rows,). @throws DataError naming `where` and the nearest name when there is no such column */
  values(where: string, name: string): Values {
    const values = this.#columns.get(name);
    if (values) return values;
    const names = [...this.#columns.keys()];
    const nearest = nearestName(name, names);
    throw new DataError(
      `${where}: there is no column "${name}"; the data have ${names.join(', ')}` +
        (nearest ? `; did you mean "${nearest}"?` : ''),
    );
  }

  /** A numeric column, (rows,), NaN where missing; writing to it changes the table. @throws DataError when it is text */
  numbers(where: string, name: string): Float64Array {
    const values = this.values(where, name);
    if (values instanceof Float64Array) return values;
    throw new DataError(`${where}: column "${name}" is text; name it under dataset.columns.numeric`);
  }

  /** A cell as text; undefined when missing. */
  cell(name: string, row: number): string | undefined {
    const value = this.#columns.get(name)![row];
    return value === null || value === undefined || Number.isNaN(value) ? undefined : String(value);
  }

  /** Sets a missing or present cell of a text column. */
  setText(name: string, row: number, value: string): void {
    (this.#columns.get(name) as (string | null)[])[row] = value;
  }

  side(row: number): Split {
    return this.cell('split', row) as Split; // ingest writes nothing else
  }

  isAlive(row: number): boolean {
    return !this.#dropped.has(row);
  }

  /** Rows that are still there, ascending. */
  alive(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.rows; row++) if (this.isAlive(row)) rows.push(row);
    return rows;
  }

  /** Training rows that are still there, ascending. */
  training(): number[] {
    return this.alive().filter((row) => this.side(row) === 'train');
  }

  /** The first rule that takes a row out stays its reason. */
  drop(drops: Iterable<Drop>): void {
    for (const drop of drops) if (this.isAlive(drop.row)) this.#dropped.set(drop.row, drop);
  }

  /** Present cells of a row as JSON. */
  rowJson(row: number): string {
    const cells = this.schema.map(({ name }) => [name, this.#columns.get(name)![row]] as const);
    const present = cells.filter(([, value]) => value !== null && !Number.isNaN(value));
    return JSON.stringify(Object.fromEntries(present));
  }

  /** Rows of each side that are still there. */
  sizes(): Record<Split, number> {
    const sizes = Object.fromEntries(SPLITS.map((side) => [side, 0])) as Record<Split, number>;
    for (const row of this.alive()) sizes[this.side(row)]++;
    return sizes;
  }

  /** The kept rows, in order. */
  *batches(batchRows: number): Generator<ColumnBatch> {
    const kept = this.alive();
    for (let at = 0; at < kept.length; at += batchRows) {
      const rows = kept.slice(at, at + batchRows);
      const columns = [...this.#columns].map(([name, values]): [string, Column] => [
        name,
        values instanceof Float64Array
          ? Float64Array.from(rows, (row) => values[row]!)
          : rows.map((row) => values[row] ?? null),
      ]);
      yield { rows: rows.length, columns: Object.fromEntries(columns) };
    }
  }
}

function joinNumbers(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
