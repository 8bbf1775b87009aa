import { join } from 'node:path';
import type { Sha256 } from '../contracts/artifact.js';
import { sparkSettings, type DataEngine } from '../contracts/dataEngine.js';
import { MissingToolError } from '../contracts/errors.js';
import type { CheckpointSlot, ObjectStore, StageContext } from '../contracts/store.js';
import { openArtifacts } from './artifacts.js';
import { openCheckpointSlot } from './checkpoints.js';
import { spoolMatrix } from './matrixSpool.js';
import { createMemo } from './memo.js';
import { openPieces, type PieceOwner } from './pieces.js';
import { openRegistry } from './registry.js';
import type { SparkTools } from './spark/job.js';
import { withSparkSession } from './spark/session.js';
import { createSources } from './sources.js';
import { openFinishedStages } from './stageCache.js';
import { openTestSet } from './testSets.js';
import { withTableSession } from './tableSession.js';

const MEMO_ENTRIES = 16;
const IN_MEMORY_BYTES = 64 << 20;

export interface StageContextsOptions {
  /** Local folder for files under way and downloaded ones. */
  readonly scratchDirectory: string;
  /** Relative paths of the user's files start here. @default the working directory */
  readonly baseDirectory?: string;
  /** @default 60000 */
  readonly checkpointIntervalMs?: number;
  /** What the database of large tables may hold in memory, as DuckDB writes it. @default 1500MB */
  readonly tableMemory?: string;
  /** @default 64 MiB */
  readonly inMemoryBytes?: number;
  /** Where stages get their engine; without it, those that need one are refused. */
  readonly engine?: StageContext['engine'];
  /** Finds Spark on this machine; without it, stages whose tables are to go there are refused. */
  readonly findSpark?: () => SparkTools;
}

export interface JobHooks {
  /** Whose pieces of work are kept. @default those of a stage without name */
  readonly owner?: PieceOwner;
  /** What works on tables. @default duckdb */
  readonly dataEngine?: DataEngine;
  readonly signal: AbortSignal;
  readonly progress: StageContext['progress'];
  /** Called when a checkpoint is in the store, whole and named. */
  readonly checkpointSaved?: (position: number) => void;
  /** True once a checkpoint is wanted at the first opportunity, however young the last one is. */
  readonly checkpointNow?: () => boolean;
}

/** Makes the contexts of a process' stages; what one stage kept in `memo` is there for the next. */
export function createStageContexts(
  store: ObjectStore,
  options: StageContextsOptions,
): (stageKey: Sha256, hooks: JobHooks) => StageContext {
  const { scratchDirectory, baseDirectory, checkpointIntervalMs = 60_000, engine = noEngine } = options;
  const artifacts = openArtifacts(store, { scratchDirectory });
  const finished = openFinishedStages(store, artifacts);
  const hashes = openPieces(finished, { stage: 'contentHash', codeVersion: '1' });
  const registry = openRegistry(store);
  const memo = createMemo(MEMO_ENTRIES);
  const sessions = { scratchDirectory, ...(options.tableMemory ? { memory: options.tableMemory } : {}) };
  const sources = createSources({
    scratchDirectory: join(scratchDirectory, 'sources'),
    ...(baseDirectory === undefined ? {} : { baseDirectory }),
  });
  return (stageKey, { owner = NOBODY, dataEngine, signal, progress, checkpointSaved, checkpointNow }) => ({
    artifacts,
    checkpoints: announced(openCheckpointSlot(store, stageKey), checkpointSaved),
    get checkpointIntervalMs() {
      return checkpointNow?.() === true ? 0 : checkpointIntervalMs;
    },
    progress,
    signal,
    memo,
    engine,
    pieces: openPieces(finished, owner),
    hashes,
    finished: (stage, key) => finished.entry(stage, key),
    openTestSet: (testSet) => openTestSet(store, testSet, stageKey),
    registry,
    sources,
    inMemoryBytes: options.inMemoryBytes ?? IN_MEMORY_BYTES,
    spoolMatrix: (blocks) => spoolMatrix(join(scratchDirectory, 'spool'), blocks),
    withTables: (asked, work) => withTableSession(artifacts, sessions, { ...asked, signal }, work),
    elsewhere: elsewhere(dataEngine, signal),
  });

  function elsewhere(named: DataEngine | undefined, signal: AbortSignal): StageContext['elsewhere'] {
    const settings = sparkSettings(named);
    if (!settings) return undefined;
    const { findSpark = noSpark } = options;
    return (asked, work) =>
      withSparkSession(artifacts, { ...sessions, settings, tools: findSpark() }, { ...asked, signal }, work);
  }
}

const NOBODY: PieceOwner = { stage: '', codeVersion: '' };

const noEngine = (): Promise<never> =>
  Promise.reject(new MissingToolError('a network is to be computed, and this process was given no engine'));

const noSpark = (): never => {
  throw new MissingToolError('tables are to be worked on by Spark, and this process was given none');
};

function announced(slot: CheckpointSlot, saved: ((position: number) => void) | undefined): CheckpointSlot {
  return {
    load: () => slot.load(),
    save: async (checkpoint) => {
      await slot.save(checkpoint);
      saved?.(checkpoint.position);
    },
  };
}
