import type { z } from 'zod';
import type { FeaturesConfig } from '../contracts/featureSettings.js';
import type { CleanConfig, DatasetConfig } from '../contracts/settings.js';

/** Lower-case hexadecimal SHA-256 of a UTF-8 string. Passed in, since this folder is pure. */
export type Sha256Of = (text: string) => string;

/** A file as its publisher has it. */
export type OriginFile = PublishedFile | DerivedFile;

/** A file that somebody made of another set: it is in the data folder, or nowhere. */
interface DerivedFile {
  readonly name: string;
  readonly sha256: string;
  readonly derived: string; // from what
  readonly member?: undefined;
}

interface PublishedFile {
  readonly name: string;
  readonly repository: string; // owner/name on GitHub
  readonly commit: string;
  readonly path: string;
  /** Of the original bytes. */
  readonly sha256: string;
  /** Member of the zip archive that this file is. */
  readonly member?: string;
}

/** A built-in set as a table, targets as published. */
export interface BuiltinTable {
  readonly header: readonly string[];
  /** Cells in the order of `header`; null is missing. In the canonical order: `id` counts from 0. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Lines that no reader can make a row of, to be written behind that row. */
  readonly damaged?: readonly { readonly afterRow: number; readonly bytes: Uint8Array }[];
}

/** What a data set's loader is given. */
export interface BuiltinSource {
  /** By OriginFile.name, unpacked. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly sha256: Sha256Of;
  /** For sets that are made, not read. */
  readonly seed: number;
}

/** Settings that fit a set: what a user would write for it in assay.yaml. */
export interface BuiltinPreset {
  readonly dataset: Omit<z.input<typeof DatasetConfig>, 'source'>;
  readonly clean?: z.input<typeof CleanConfig>;
  readonly features?: z.input<typeof FeaturesConfig>;
}

/** Flips of targets for experiments. */
export interface NoiseRecipe {
  /** Share of the training rows, and of the validation rows, that get a wrong target. */
  readonly rate: number;
  /** `uniform`: any other class alike; `pair`: always the most confusable one. */
  readonly kind: 'uniform' | 'pair';
  readonly seed: number;
}

/** A set that can be had by name: one file in this folder, one line in index.ts. */
export interface BuiltinDataset {
  readonly name: string;
  readonly licence: string;
  readonly citation: string;
  /** One sentence: rows, language, what is learned. */
  readonly description: string;
  /** Folder below ASSAY_DATA_DIR and below the cache; '' when nothing is read. */
  readonly folder: string;
  readonly files: readonly OriginFile[];
  readonly preset: BuiltinPreset;
  /** Names the set in the hashes that order rows for splits and flips. */
  readonly recipeName: string;
  /** What is planted when nothing is asked for. */
  readonly noise?: NoiseRecipe;
  /** The table has the columns `id` and `split` (the names of the sides) beside its own. @throws DataError when the files hold something else than published */
  read(source: BuiltinSource): Promise<BuiltinTable>;
}

/** Ids sort in the canonical order. */
export const rowId = (index: number): string => String(index).padStart(6, '0');
