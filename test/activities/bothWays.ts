import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest } from '../../activities/ingest.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import { PlatformError } from '../../contracts/errors.js';
import { DatasetConfig } from '../../contracts/settings.js';
import type { StageOutput } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';
import { fakeStageContext, noPieces } from '../fakes/stageContext.js';
import type { DatasetInput } from './tableStages.js';

/** A real store in a folder, and the ways of working on tables over it. */
export interface Workplace {
  readonly folder: string;
  /**
   * The same files in memory, for the way in memory, for that of the database, and for that by which another engine goes:
   * here, the database stands for it.
   */
  contexts(files: Readonly<Record<string, string | Uint8Array>>): {
    readonly small: StageContext;
    readonly large: StageContext;
    readonly elsewhere: StageContext;
  };
  close(): Promise<void>;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-both-ways-'));
  const store = await openStore(join(folder, 'store'));
  const contextOf = createStageContexts(store, { scratchDirectory: join(folder, 'scratch') });
  const real = contextOf('0'.repeat(64), { signal: new AbortController().signal, progress: () => undefined });
  return {
    folder,
    contexts: (files) => {
      const { sources } = fakeStageContext(files);
      const read = Object.keys(files).length > 0 ? { sources } : {};
      // What one way had kept, the other one would not do itself.
      const small = { ...real, ...read, pieces: noPieces, inMemoryBytes: Infinity };
      const large = { ...small, inMemoryBytes: -1 };
      return { small, large, elsewhere: { ...large, elsewhere: large.withTables } };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Content hashes of what a stage put out, and its figures; or what it said instead. */
export async function outcome(work: () => Promise<StageOutput>): Promise<unknown> {
  try {
    const { outputs, figures } = await work();
    const hashes = Object.entries(outputs).map(([name, refs]) => [
      name,
      refs.map((ref: ArtifactRef) => ref.sha256),
    ]);
    return { figures, hashes: Object.fromEntries(hashes) as unknown };
  } catch (error) {
    if (error instanceof PlatformError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

/** Ingests in memory, by the database, and as other engines do, and compares bytes, figures and errors. @returns what came out */
export async function ingestBothWays(
  workplace: Workplace,
  files: Readonly<Record<string, string | Uint8Array>>,
  dataset: DatasetInput,
): Promise<unknown> {
  const { small, large, elsewhere } = workplace.contexts(files);
  const job = { path: 'ingest', seed: 42, params: { dataset: DatasetConfig.parse(dataset) }, inputs: {} };
  const wanted = await outcome(() => ingest.run(job, small));
  assert.deepEqual(await outcome(() => ingest.run(job, large)), wanted);
  assert.deepEqual(await outcome(() => ingest.run(job, elsewhere)), wanted);
  return wanted;
}
