import { z } from 'zod';

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export type Sha256 = z.infer<typeof Sha256>;

/** What an artifact holds. A new kind is one word here. */
export const ArtifactKind = z.enum([
  'dataset',
  'quarantine',
  'profile',
  'samples',
  'features',
  'featurizer',
  'classes',
  'evidence',
  'dynamics',
  'vocabulary',
  'scores',
  'weights',
  'predictions',
  'model',
  'card',
  'metrics',
  'document',
  'report',
]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

/**
 * Pointer to an immutable artifact in the store. This, never the rows, crosses workflow history.
 * `key` names the manifest, relative to the store's root; `sha256` is the hash of the content (schema and parts),
 * so that equal content made by other code or another run is equal to everything downstream.
 */
export const ArtifactRef = z.strictObject({
  kind: ArtifactKind,
  key: z.string().regex(/^[a-z0-9/_.-]+$/),
  sha256: Sha256,
  rows: z.int().nonnegative(),
});
export type ArtifactRef = z.infer<typeof ArtifactRef>;

/** Column types that artifacts use. `float64[]` is a fixed-width vector a row; `bytes` is a few KiB to 1 MiB a row. */
export const ColumnType = z.enum([
  'utf8',
  'bool',
  'int32',
  'int64',
  'float32',
  'float64',
  'float64[]',
  'bytes',
]);
export type ColumnType = z.infer<typeof ColumnType>;

export const ColumnSpec = z.strictObject({ name: z.string().min(1), type: ColumnType });
export type ColumnSpec = z.infer<typeof ColumnSpec>;

/** One immutable object that holds some of an artifact's rows (or, for a blob, its bytes). */
export const Part = z.strictObject({
  key: z.string(),
  sha256: Sha256,
  sizeBytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});
export type Part = z.infer<typeof Part>;

export const MANIFEST_FORMAT = 1;

/** Written last, create-only, under `artifacts/<kind>/<sha256>.json`. */
export const Manifest = z.strictObject({
  formatVersion: z.literal(MANIFEST_FORMAT),
  kind: ArtifactKind,
  sha256: Sha256,
  rows: z.int().nonnegative(),
  /** Empty for a blob. */
  columns: z.array(ColumnSpec),
  /** Of the parts; `application/vnd.apache.parquet` for tables. */
  contentType: z.string(),
  parts: z.array(Part),
});
export type Manifest = z.infer<typeof Manifest>;
