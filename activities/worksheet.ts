import type { ColumnSpec } from '../contracts/artifact.js';
import type { Column, ColumnBatch } from '../contracts/table.js';
import { gather, pickRows } from '../core/table.js';
import { required, type RunTrace } from './runTrace.js';

/** A table with its schema. */
export interface Sheet {
  readonly columns: readonly ColumnSpec[];
  readonly batch: ColumnBatch;
}

/** A column that stands behind the sample's own ones. */
type Added = readonly (readonly [
  name: string,
  values: readonly (string | null)[] | Int32Array | Float64Array,
])[];

/**
 * A worksheet: id and what people see of each sample, then the added columns, then an empty one for the true label.
 *
 * @param rows of the run's samples, in the order of the sheet
 */
export async function worksheet(trace: RunTrace, rows: Int32Array, added: Added): Promise<Sheet> {
  const { text, attributes, categorical, numeric } = trace.config.dataset.columns;
  const extra: Added = [...added, ['true_label', Array.from(rows, () => null)]];
  const taken = ['id', ...extra.map(([name]) => name)];
  const shown = [...text, ...attributes, ...categorical, ...numeric].filter((name) => !taken.includes(name));
  const dataset = required(trace, 'clean', 'dataset');
  const { columns } = await trace.artifacts.manifest(dataset);
  const table = await gather(trace.artifacts.readTable(dataset, { columns: ['id', ...shown] }));
  const picked = pickRows(table, rows);
  return {
    columns: [
      ...['id', ...shown].map((name) => columns.find((column) => column.name === name)!),
      ...extra.map(([name, values]): ColumnSpec => ({ name, type: typeOf(values) })),
    ],
    batch: {
      rows: rows.length,
      columns: { ...picked.columns, ...(Object.fromEntries(extra) as Record<string, Column>) },
    },
  };
}

function typeOf(values: Added[number][1]): ColumnSpec['type'] {
  if (values instanceof Int32Array) return 'int32';
  return values instanceof Float64Array ? 'float64' : 'utf8';
}
