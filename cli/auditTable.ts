import type { AuditedFile } from '../activities/auditFile.js';
import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';
import { writeTableFile } from './tableFile.js';

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

/** Writes one row for each row of the table: scores and flags (0 or 1), in the order of the file. */
export const writeAudit = (audited: AuditedFile, out: string): Promise<void> =>
  writeTableFile(COLUMNS, auditBatch(audited), out);

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
