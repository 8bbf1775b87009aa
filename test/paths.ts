import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root, whether tests run from source or compiled below dist/. */
export const repositoryRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Real data sets, where this machine has them. */
export const dataDirectory: string | undefined = process.env['ASSAY_DATA_DIR'];

function findRoot(from: string): string {
  if (existsSync(join(from, 'eslint.config.js'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('no checkout above this test');
  return findRoot(parent);
}
