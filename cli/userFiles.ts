import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceFiles } from '../contracts/store.js';
import { createSources } from '../storage/sources.js';

/** Opens the files that the user named for the time of some work; what was downloaded for it goes away afterwards. */
export async function withUserFiles<T>(work: (sources: SourceFiles) => Promise<T>): Promise<T> {
  const scratchDirectory = mkdtempSync(join(tmpdir(), 'assay-files-'));
  try {
    return await work(createSources({ scratchDirectory }));
  } finally {
    rmSync(scratchDirectory, { recursive: true, force: true });
  }
}
