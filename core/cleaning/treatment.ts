import type { Treatment } from '../../contracts/registry.js';
import type { CleanConfig, Columns } from '../../contracts/settings.js';
import type { Figures } from '../../contracts/stage.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import { datasetName } from '../ingest/parts.js';

/**
 * What cleaning does to the rows that it keeps: clipping and imputation of feature columns.
 *
 * @param fitted figures of the stage that cleaned: `price.low`, `price.high`, `colour.imputed`
 */
export function treatmentOf(columns: Columns, clean: CleanConfig, fitted: Figures): Treatment {
  const features = new Set([
    ...columns.text,
    ...columns.attributes,
    ...columns.numeric,
    ...columns.categorical,
  ]);
  const clip = clean.outliers.flatMap(({ column, action }) => {
    const [low, high] = [fitted[`${column}.low`], fitted[`${column}.high`]];
    const isClipped = action === 'clip' && features.has(column);
    return isClipped && typeof low === 'number' && typeof high === 'number' ? [{ column, low, high }] : [];
  });
  const fill = Object.entries(clean.missing).flatMap(([column, action]) => {
    const value = fitted[`${column}.imputed`];
    const name = datasetName(columns, column);
    return action === 'impute' && value !== undefined && features.has(name) ? [{ column: name, value }] : [];
  });
  return { clip, fill };
}

/** The rows as cleaning would have left them. What it would have dropped stays: somebody waits for an answer. */
export function treat(batch: ColumnBatch, { clip, fill }: Treatment): ColumnBatch {
  if (clip.length === 0 && fill.length === 0) return batch;
  const columns: Record<string, Column> = { ...batch.columns };
  for (const { column, low, high } of clip) {
    const values = columns[column];
    // Math.min of NaN is NaN: missing stays missing.
    if (values instanceof Float64Array)
      columns[column] = values.map((value) => Math.min(high, Math.max(low, value)));
  }
  for (const { column, value } of fill) columns[column] = filled(columns[column], value);
  return { rows: batch.rows, columns };
}

function filled(values: Column | undefined, value: number | string): Column {
  if (values instanceof Float64Array) return values.map((one) => (Number.isNaN(one) ? Number(value) : one));
  return (values as readonly (string | null)[]).map((one) => one ?? String(value));
}
