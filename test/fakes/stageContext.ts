import { tmpdir } from 'node:os';
import { DataError } from '../../contracts/errors.js';
import type { Checkpoint } from '../../contracts/model.js';
import type { Pieces, SourceFile, StageContext } from '../../contracts/store.js';
import { spoolMatrix } from '../../storage/matrixSpool.js';
import { openRegistry } from '../../storage/registry.js';
import { memoryArtifacts } from './artifacts.js';
import { memoryObjects } from './objects.js';

/** Fake StageContext: artifacts, checkpoint and the user's files in memory. Override what a test looks at. */
export function fakeStageContext(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  overrides: Partial<StageContext> = {},
): StageContext {
  let checkpoint: Checkpoint | undefined;
  const memory = new Map<string, unknown>();
  return {
    artifacts: memoryArtifacts(),
    checkpoints: {
      load: () => Promise.resolve(checkpoint),
      save: (next) => {
        checkpoint = next;
        return Promise.resolve();
      },
    },
    checkpointIntervalMs: 60_000,
    engine: () => Promise.reject(new Error('this test has no engine')),
    finished: () => Promise.resolve(undefined),
    pieces: noPieces,
    hashes: noPieces,
    openTestSet: () => Promise.resolve(1),
    registry: openRegistry(memoryObjects()),
    inMemoryBytes: Infinity,
    spoolMatrix: (blocks) => spoolMatrix(tmpdir(), blocks),
    elsewhere: undefined,
    withTables: () => Promise.reject(new Error('this test has no database')),
    progress: () => undefined,
    signal: new AbortController().signal,
    memo: async <T>(key: string, load: () => Promise<T>) => {
      if (!memory.has(key)) memory.set(key, await load());
      return memory.get(key) as T; // one key is always loaded by the same function
    },
    sources: {
      resolve: (uris) =>
        Promise.resolve(
          uris.map((uri) => {
            const content = files[uri];
            if (content === undefined) throw new DataError(`${uri}: no such file`);
            return memoryFile(uri, typeof content === 'string' ? Buffer.from(content) : content);
          }),
        ),
    },
    ...overrides,
  };
}

/** Keeps no piece of work. */
export const noPieces: Pieces = {
  find: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(),
};

/** Chunks are small, so that cells, quotes and characters are cut in the middle. */
function memoryFile(uri: string, bytes: Uint8Array): SourceFile {
  return {
    uri,
    sizeBytes: bytes.length,
    async *open() {
      // Copies: readers may write over what they were given.
      for (let at = 0; at < bytes.length; at += 1000) yield Buffer.from(bytes.subarray(at, at + 1000));
    },
    localPath: () => Promise.reject(new Error('a file in memory has no path')),
  };
}
