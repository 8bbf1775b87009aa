import type { ColumnSpec } from '../../contracts/artifact.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import type { Layout } from './layout.js';
import type { ColumnPart } from './parts.js';
import type { Refusal, SourceRecord } from './source.js';
import { parseNumber, parseTime, parseVector } from './values.js';

/** Values of `dataset.split` that name a side, by the value in the data; undefined where the data bring no split. */
export type SplitNames = ReadonlyMap<string, number>;

type Values = (string | null)[] | number[];

const TRIMMED: readonly string[] = ['id', 'target', 'group', 'split'];

/**
 * Rows of the table `dataset` while they come in, by column. A row is taken whole or not at all. Memory: what the
 * kept cells need, plus 16 bytes a row.
 */
export class DatasetBuilder {
  readonly #columns = new Map<string, Values>();
  readonly #numeric = new Set<string>();
  readonly #files: number[] = [];
  readonly #lines: number[] = [];

  constructor(
    readonly parts: readonly ColumnPart[],
    readonly splitNames: SplitNames | undefined,
  ) {
    for (const { name, part } of parts) {
      if (part === 'numeric' || part === 'time') this.#numeric.add(name);
      this.#columns.set(name, []);
    }
  }

  get rows(): number {
    return this.#lines.length;
  }

  /** Takes a record as the next row, or says why not. Target, id, group and split are trimmed. */
  add(record: SourceRecord, layout: Layout, file: number): Refusal | undefined {
    if (record.refusal) return record.refusal;
    const cells: (string | number | null)[] = [];
    for (const part of this.parts) {
      const position = layout.positionOf.get(part) ?? -1;
      const cell = this.#convert(part, position < 0 ? null : (record.cells[position] ?? null));
      if (typeof cell === 'object' && cell !== null) return cell;
      cells.push(cell);
    }
    const row = this.rows;
    this.parts.forEach(({ name }, i) => this.#put(name, row, cells[i]!));
    for (const { name, position } of layout.others) this.#put(name, row, record.cells[position] ?? null);
    this.#files.push(file);
    this.#lines.push(record.line);
    return undefined;
  }

  #convert({ part, source, name, width }: ColumnPart, raw: string | null): string | number | null | Refusal {
    const text = raw !== null && TRIMMED.includes(name) ? raw.trim() || null : raw;
    if (part === 'id' && text === null) return { rule: 'missing_id', reason: `${source}: no id in this row` };
    if (part === 'target' && text === null) {
      return { rule: 'missing_target', reason: `${source}: nothing to learn from, the target is missing` };
    }
    if (part === 'numeric' || part === 'time') {
      if (text === null || text.trim() === '') return NaN;
      const value = part === 'numeric' ? parseNumber(text) : parseTime(text);
      return typeof value === 'number'
        ? value
        : { rule: part === 'time' ? 'time' : 'number', reason: `${source}: ${value.reason}` };
    }
    if (width !== undefined && text !== null && text.trim() !== '') {
      const parsed = parseVector(text, width);
      if ('reason' in parsed) return { rule: 'vector', reason: `${source}: ${parsed.reason}` };
    }
    if (part === 'split' && this.splitNames !== undefined && !this.splitNames.has(text ?? '')) {
      const allowed = [...this.splitNames.keys()].join(' | ');
      return { rule: 'split', reason: `${source}: expected ${allowed}, got ${JSON.stringify(text ?? '')}` };
    }
    return text;
  }

  #put(name: string, row: number, value: string | number | null): void {
    let values = this.#columns.get(name);
    if (values === undefined) {
      values = [];
      this.#columns.set(name, values);
    }
    // A column that came late is missing in the rows before.
    while (values.length < row) (values as null[]).push(null);
    (values as (string | number | null)[]).push(value);
  }

  /** One column of text, (rows,); undefined when there is none. */
  text(name: string): readonly (string | null)[] | undefined {
    const values = this.#columns.get(name);
    if (values === undefined || this.#numeric.has(name)) return undefined;
    while (values.length < this.rows) (values as null[]).push(null);
    return values as (string | null)[];
  }

  /** One column of numbers, (rows,), NaN where missing; undefined when there is none. */
  numbers(name: string): readonly number[] | undefined {
    return this.#numeric.has(name) ? (this.#columns.get(name) as number[]) : undefined;
  }

  /** Where a row came from. */
  origin(row: number): { readonly file: number; readonly line: number } {
    return { file: this.#files[row]!, line: this.#lines[row]! };
  }

  /** A row as JSON, for quarantine and for hashing: names sorted, missing values left out. */
  rowJson(row: number): string {
    const entries: [string, string | number][] = [];
    for (const name of [...this.#columns.keys()].sort()) {
      const value = this.#columns.get(name)![row] ?? null;
      if (value !== null && !Number.isNaN(value)) entries.push([name, value]);
    }
    return JSON.stringify(Object.fromEntries(entries));
  }

  /** Schema of the table `dataset`: own columns, then features in the order of the settings, then the others by name. */
  schema(): readonly ColumnSpec[] {
    const names = this.parts.map((part) => part.name).filter((name) => name !== 'id' && name !== 'split');
    const others = [...this.#columns.keys()].filter((name) => !this.parts.some((part) => part.name === name));
    const type = (name: string): ColumnSpec['type'] => (this.#numeric.has(name) ? 'float64' : 'utf8');
    const all = ['id', 'split', ...names, ...others.sort()];
    return all.map((name) => ({ name, type: type(name) }));
  }

  /** Rows of the table `dataset` in the order of `order`; `replaced` gives columns that were made afterwards. */
  batch(order: readonly number[], replaced: Readonly<Record<string, readonly string[]>>): ColumnBatch {
    const columns = this.schema().map(({ name, type }): [string, Column] => {
      if (type === 'float64') return [name, Float64Array.from(order, (row) => this.numbers(name)![row]!)];
      const values = (Object.hasOwn(replaced, name) ? replaced[name] : undefined) ?? this.text(name)!;
      return [name, order.map((row) => values[row] ?? null)];
    });
    return { rows: order.length, columns: Object.fromEntries(columns) };
  }
}
