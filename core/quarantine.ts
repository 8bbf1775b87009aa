import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';

/** A row that was put aside, and why. */
export interface QuarantinedRow {
  readonly id: string | null; // null where the row has none yet
  readonly file: string | null; // null after ingest: the id tells
  /** 1-based line in the file; NaN after ingest. */
  readonly line: number;
  readonly stage: string;
  readonly rule: string;
  /** One sentence: which column, what was found, what was expected. */
  readonly reason: string;
  /** The record as it stood in the file, or the row as JSON. */
  readonly record: string;
}

export const QUARANTINE_COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'file', type: 'utf8' },
  { name: 'line', type: 'float64' },
  { name: 'stage', type: 'utf8' },
  { name: 'rule', type: 'utf8' },
  { name: 'reason', type: 'utf8' },
  { name: 'record', type: 'utf8' },
];

/** The rows as a batch of the table `quarantine`, in the order given. */
export function quarantineBatch(rows: readonly QuarantinedRow[]): ColumnBatch {
  return {
    rows: rows.length,
    columns: {
      id: rows.map((row) => row.id),
      file: rows.map((row) => row.file),
      line: Float64Array.from(rows, (row) => row.line),
      stage: rows.map((row) => row.stage),
      rule: rows.map((row) => row.rule),
      reason: rows.map((row) => row.reason),
      record: rows.map((row) => row.record),
    },
  };
}
