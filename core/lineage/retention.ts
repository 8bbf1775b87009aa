import type { Derivation } from './graph.js';

/** Something that lies in the store. */
export interface Kept {
  readonly modifiedAtMs: number;
  readonly sizeBytes: number;
}

export interface StoredArtifact extends Kept {
  /** Keys of the objects that hold its bytes. */
  readonly blobs: readonly string[];
}

export interface StoredRun {
  readonly runId: string;
  readonly endedAtMs: number;
  /** Keys of all its stages. */
  readonly stages: readonly string[];
}

/** All that pruning looks at. Maps are by key in the store; derivations by stage key. */
export interface StoreContents {
  readonly artifacts: ReadonlyMap<string, StoredArtifact>;
  readonly blobs: ReadonlyMap<string, Kept>;
  /** Its time is when it was used last. */
  readonly derivations: ReadonlyMap<string, Derivation & Kept>;
  /** By stage key. */
  readonly checkpoints: ReadonlyMap<string, Kept>;
  readonly runs: readonly StoredRun[];
  /** Artifacts that something other than a stage refers to: test sets, aliases, records of runs. */
  readonly pinned: ReadonlySet<string>;
}

/** What stays. */
export interface Retention {
  readonly nowMs: number;
  /** Runs that ended before, and what no finished run used since, may go. */
  readonly olderThanMs: number;
  /** Instead of the age of runs: so many of the newest stay. What belongs to no run still goes by age. */
  readonly keepRuns?: number;
  /** Nothing younger goes: it may belong to a run that goes on. */
  readonly graceMs: number;
}

export interface PrunePlan {
  readonly keptRuns: readonly string[];
  readonly droppedRuns: readonly string[];
  /** Stage keys, and keys in the store. */
  readonly stages: readonly string[];
  readonly artifacts: readonly string[];
  readonly blobs: readonly string[];
  readonly checkpoints: readonly string[];
  readonly freedBytes: number;
}

/** Chooses what nothing refers to. What stays is whole: a kept stage keeps all that it read and wrote. */
export function planPrune(contents: StoreContents, retention: Retention): PrunePlan {
  const { keptRuns, droppedRuns } = chooseRuns(contents.runs, retention);
  const stages = keptStages(contents, keptRuns, droppedRuns, retention);
  const isYoung = ({ modifiedAtMs }: Kept): boolean => retention.nowMs - modifiedAtMs < retention.graceMs;

  const artifacts = new Set(contents.pinned);
  for (const key of stages) {
    const { inputs, outputs } = contents.derivations.get(key)!;
    for (const artifact of [...inputs, ...outputs]) artifacts.add(artifact);
  }
  for (const [key, artifact] of contents.artifacts) if (isYoung(artifact)) artifacts.add(key);
  const blobs = new Set<string>();
  for (const key of artifacts) for (const blob of contents.artifacts.get(key)?.blobs ?? []) blobs.add(blob);

  const going = <T extends Kept>(all: ReadonlyMap<string, T>, kept: (key: string, one: T) => boolean) =>
    [...all].filter(([key, one]) => !isYoung(one) && !kept(key, one));
  const expired = retention.nowMs - retention.olderThanMs;
  const gone = {
    stages: going(contents.derivations, (key) => stages.has(key)),
    artifacts: going(contents.artifacts, (key) => artifacts.has(key)),
    blobs: going(contents.blobs, (key) => blobs.has(key)),
    // A finished stage needs none; another one may be taken up again.
    checkpoints: going(
      contents.checkpoints,
      (key, { modifiedAtMs }) => !contents.derivations.has(key) && modifiedAtMs >= expired,
    ),
  };
  const all = [...gone.stages, ...gone.artifacts, ...gone.blobs, ...gone.checkpoints];
  const keys = (some: readonly (readonly [string, Kept])[]): string[] => some.map(([key]) => key);
  return {
    keptRuns: keptRuns.map(({ runId }) => runId),
    droppedRuns: droppedRuns.map(({ runId }) => runId),
    stages: keys(gone.stages),
    artifacts: keys(gone.artifacts),
    blobs: keys(gone.blobs),
    checkpoints: keys(gone.checkpoints),
    freedBytes: all.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0),
  };
}

function chooseRuns(runs: readonly StoredRun[], { nowMs, olderThanMs, keepRuns, graceMs }: Retention) {
  const newest = [...runs].sort((a, b) => b.endedAtMs - a.endedAtMs);
  const stays = ({ endedAtMs }: StoredRun, index: number): boolean =>
    nowMs - endedAtMs < graceMs ||
    (keepRuns === undefined ? nowMs - endedAtMs < olderThanMs : index < keepRuns);
  return {
    keptRuns: newest.filter(stays),
    droppedRuns: newest.filter((run, index) => !stays(run, index)),
  };
}

/** Stages of kept runs; and those that somebody else used lately: a run that goes on, or one without a report. */
function keptStages(
  { derivations }: StoreContents,
  keptRuns: readonly StoredRun[],
  droppedRuns: readonly StoredRun[],
  { nowMs, olderThanMs, graceMs }: Retention,
): Set<string> {
  const kept = new Set(keptRuns.flatMap(({ stages }) => stages).filter((key) => derivations.has(key)));
  const ends = new Map<string, number>(); // of the last dropped run that had the stage
  for (const { stages, endedAtMs } of droppedRuns) {
    for (const key of stages) ends.set(key, Math.max(ends.get(key) ?? 0, endedAtMs));
  }
  for (const [key, { modifiedAtMs }] of derivations) {
    const age = nowMs - modifiedAtMs;
    const wasUsedSince = modifiedAtMs > (ends.get(key) ?? -Infinity);
    if (age < graceMs || (wasUsedSince && age < olderThanMs)) kept.add(key);
  }
  return kept;
}
