import { copyFileSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import type { AuditedFile } from '../activities/auditFile.js';
import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';
import { writeParquet } from '../storage/tables.js';
import { CliError, EXIT } from './exit.js';

const COLUMNS = [
  { name: 'id', type: 'utf8' },
  { name: 'file', type: 'utf8' },
  { name: 'line', type: 'int32' },
  { name: 'given_label', type: 'utf8' },
  { name: 'suggested_label', type: 'utf8' },
  { name: 'is_label_issue', type: 'int32' },
  { name: 'self_confidence', type: 'float64' },
  { name: 'label_right_probability', type: 'float64' },
  { name: 'duplicate_cluster', type: 'int32' },
  { name: 'duplicates', type: 'int32' },
  { name: 'conflicts', type: 'int32' },
  { name: 'outlier_distance', type: 'float64' },
  { name: 'is_outlier', type: 'int32' },
] as const satisfies readonly ColumnSpec[];

const FORMATS = ['.csv', '.jsonl', '.parquet'];

/** @throws CliError where the ending of an output's name tells no format */
export function checkAuditFormat(out: string): void {
  if (FORMATS.includes(extname(out).toLowerCase())) return;
  throw new CliError(`--out ${out}: expected a name that ends in ${FORMATS.join(', ')}`, EXIT.usage);
}

/** Writes one row for each row of the table: scores and flags (0 or 1), in the order of the file. */
export async function writeAudit(audited: AuditedFile, out: string, scratch: string): Promise<void> {
  const path = resolve(out);
  const batch = auditBatch(audited);
  const ending = extname(path).toLowerCase();
  if (ending !== '.parquet') return writeFileSync(path, ending === '.csv' ? csv(batch) : jsonLines(batch));
  for await (const file of writeParquet(join(scratch, 'parquet'), COLUMNS, [batch])) {
    copyFileSync(file.path, path); // one part: a table that was held in memory is smaller than a part
  }
}

function auditBatch({ audit, batch, places, classes, targets, clusters }: AuditedFile): ColumnBatch {
  const { labels, duplicates, outliers } = audit;
  const size = (row: number): number => duplicates.sizes.get(clusters[row]!) ?? 1;
  const rows = Array.from({ length: batch.rows }, (_, row) => row);
  return {
    rows: batch.rows,
    columns: {
      id: batch.columns['id']!,
      file: places.map(({ file }) => file),
      line: Int32Array.from(places, ({ line }) => line),
      given_label: Array.from(targets, (code) => classes[code]!),
      suggested_label: Array.from(labels.suggested, (code) => classes[code]!),
      is_label_issue: Int32Array.from(labels.flagged),
      self_confidence: labels.selfConfidence,
      label_right_probability: labels.posterior,
      duplicate_cluster: clusters,
      duplicates: Int32Array.from(rows, (row) => size(row) - 1),
      conflicts: Int32Array.from(clusters, (cluster) => Number(duplicates.conflicting.has(cluster))),
      outlier_distance: outliers.distances,
      is_outlier: Int32Array.from(outliers.flagged),
    },
  };
}

const cell = (batch: ColumnBatch, name: string, row: number): string | number =>
  (batch.columns[name] as ArrayLike<string | number>)[row]!;

function csv(batch: ColumnBatch): string {
  const quote = (value: string | number): string =>
    /[",\n\r]/u.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const lines = [COLUMNS.map(({ name }) => name).join(',')];
  for (let row = 0; row < batch.rows; row++) {
    lines.push(COLUMNS.map(({ name }) => quote(cell(batch, name, row))).join(','));
  }
  return `${lines.join('\n')}\n`;
}

function jsonLines(batch: ColumnBatch): string {
  const lines: string[] = [];
  for (let row = 0; row < batch.rows; row++) {
    lines.push(JSON.stringify(Object.fromEntries(COLUMNS.map(({ name }) => [name, cell(batch, name, row)]))));
  }
  return `${lines.join('\n')}\n`;
}
