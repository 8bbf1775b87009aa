import type { ColumnSpec } from '../contracts/artifact.js';

/** A row of the table `samples`: what a model learns it by, beside its features. */
export const SAMPLE_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'id', type: 'utf8' },
  { name: 'split', type: 'int32' },
  { name: 'target', type: 'int32' },
  { name: 'group', type: 'int32' },
  { name: 'cluster', type: 'int32' },
] as const satisfies readonly ColumnSpec[];
