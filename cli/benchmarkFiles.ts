import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ArtifactRef } from '../contracts/artifact.js';
import { Leaderboard } from '../contracts/benchmark.js';
import { StoreError } from '../contracts/errors.js';
import type { Artifacts } from '../contracts/stage.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import { writeParquet } from '../storage/tables.js';

/** Where a benchmark left its results. */
export interface BenchmarkStore {
  readonly storeUri: string;
  /** Local folder for files under way. */
  readonly scratchDirectory: string;
}

/** The leaderboard that a benchmark ended in. */
export async function readLeaderboard(outputs: Artifacts, store: BenchmarkStore): Promise<Leaderboard> {
  const artifacts = openArtifacts(await openStore(store.storeUri), store);
  const bytes = await artifacts.readBlob(refOf(outputs, 'leaderboard'));
  return Leaderboard.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/**
 * Writes leaderboard.html, .md, .json and cells.parquet (a row for each data set, noise, seed and estimator).
 *
 * @returns absolute paths, the page first
 */
export async function writeBenchmark(
  outputs: Artifacts,
  out: string,
  store: BenchmarkStore,
): Promise<string[]> {
  const artifacts = openArtifacts(await openStore(store.storeUri), store);
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const [output, name] of [
    ['report', 'leaderboard.html'],
    ['markdown', 'leaderboard.md'],
    ['leaderboard', 'leaderboard.json'],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, await artifacts.readBlob(refOf(outputs, output)));
    paths.push(path);
  }
  const cells = refOf(outputs, 'cells');
  const { columns } = await artifacts.manifest(cells);
  const path = join(folder, 'cells.parquet');
  for await (const file of writeParquet(
    join(store.scratchDirectory, 'cells'),
    columns,
    artifacts.readTable(cells),
  )) {
    copyFileSync(file.path, path); // one part: at most some thousand rows
  }
  return [...paths, path];
}

function refOf(outputs: Artifacts, name: string): ArtifactRef {
  const [ref] = outputs[name] ?? [];
  if (ref) return ref;
  throw new StoreError(`the benchmark has no ${name}; it has ${Object.keys(outputs).join(', ')}`);
}
