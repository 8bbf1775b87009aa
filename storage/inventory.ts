import { z } from 'zod';
import { Manifest, type ArtifactRef } from '../contracts/artifact.js';
import type { CacheEntry } from '../contracts/stage.js';
import type { ObjectStore, StoredObject } from '../contracts/store.js';
import type { Derivation } from '../core/lineage/graph.js';
import type { StoreContents, StoredRun } from '../core/lineage/retention.js';
import { concurrently } from '../core/concurrently.js';
import { FORGOTTEN, ForgetRecord } from './forgetRecord.js';
import { parseEntry } from './stageCache.js';

const READS_AT_ONCE = 16;
const ARTIFACTS = 'artifacts/';
const BLOBS = 'blobs/';
const CACHE = 'cache/';
const CHECKPOINTS = 'checkpoints/';
/** Documents of the registry and of records are small; what is larger is none. */
const LARGEST_DOCUMENT_BYTES = 4 << 20;

/** A manifest in the store, and when it was written. */
export interface ListedArtifact {
  readonly ref: ArtifactRef;
  readonly manifest: Manifest;
  readonly sizeBytes: number; // of its parts
  readonly modifiedAtMs: number;
}

/** A finished stage that the store remembers. */
export interface ListedStage extends Derivation {
  readonly entry: CacheEntry;
  readonly key: string;
  readonly modifiedAtMs: number;
  readonly sizeBytes: number;
}

/** Everything that lies in a store, as it was found by one walk through it. */
export interface Inventory {
  /** By key. */
  readonly artifacts: ReadonlyMap<string, ListedArtifact>;
  /** By stage key. */
  readonly stages: ReadonlyMap<string, ListedStage>;
  readonly runs: readonly StoredRun[];
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Keys of manifests and cache entries that can't be read. */
  readonly unreadable: readonly string[];
  /** Hashes that documents of others name: test sets, aliases, what is still to be retrained. */
  readonly named: ReadonlySet<string>;
  readonly forgotten: readonly ForgetRecord[];
}

/** What the report's stage says of a finished run. */
const ReportParams = z.object({ runId: z.string(), lineage: z.array(z.object({ stageKey: z.string() })) });

/** Lists a store, and reads every manifest and cache entry, 16 at once. */
export async function takeInventory(store: ObjectStore): Promise<Inventory> {
  const objects = new Map<string, StoredObject>();
  for await (const object of store.list('')) objects.set(object.key, object);
  const below = (prefix: string): StoredObject[] =>
    [...objects.values()].filter(({ key }) => key.startsWith(prefix));
  const unreadable: string[] = [];
  const read = <T>(some: readonly StoredObject[], parse: (text: string) => T | undefined) =>
    concurrently(some, READS_AT_ONCE, async (object) => {
      const found = parse(new TextDecoder().decode(await store.get(object.key)));
      if (found === undefined) unreadable.push(object.key);
      return { object, found };
    });

  const artifacts = new Map<string, ListedArtifact>();
  for (const { object, found } of await read(below(ARTIFACTS), parseManifest)) {
    if (found !== undefined) artifacts.set(object.key, listed(object, found));
  }
  const stages = new Map<string, ListedStage>();
  for (const { object, found } of await read(below(CACHE), (text) => parseEntry(Buffer.from(text)))) {
    if (found !== undefined) stages.set(found.stageKey, derived(object, found));
  }
  const known = [ARTIFACTS, BLOBS, CACHE, CHECKPOINTS];
  const others = [...objects.values()].filter(
    ({ key, sizeBytes }) =>
      sizeBytes <= LARGEST_DOCUMENT_BYTES && !known.some((prefix) => key.startsWith(prefix)),
  );
  const named = new Set<string>();
  const forgotten: ForgetRecord[] = [];
  for (const { object, found } of await read(others, (text) => text)) {
    for (const hash of `${object.key} ${found ?? ''}`.match(/\b[0-9a-f]{64}\b/g) ?? []) named.add(hash);
    if (object.key.startsWith(FORGOTTEN)) forgotten.push(ForgetRecord.parse(JSON.parse(found ?? '')));
  }
  return { artifacts, stages, runs: runsOf(stages), objects, unreadable, named, forgotten };
}

function parseManifest(text: string): Manifest | undefined {
  try {
    return Manifest.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function listed({ key, modifiedAtMs }: StoredObject, manifest: Manifest): ListedArtifact {
  const { kind, sha256, rows, parts } = manifest;
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return { ref: { kind, key, sha256, rows }, manifest, sizeBytes, modifiedAtMs };
}

function derived({ key, modifiedAtMs, sizeBytes }: StoredObject, entry: CacheEntry): ListedStage {
  const keys = (all: CacheEntry['inputs']): string[] =>
    Object.values(all).flatMap((refs) => refs.map((ref) => ref.key));
  const { stageKey, stage, inputs, outputs } = entry;
  return {
    stageKey,
    stage,
    inputs: keys(inputs),
    outputs: keys(outputs),
    entry,
    key,
    modifiedAtMs,
    sizeBytes,
  };
}

/** Finished runs: each has a stage of its own that made its report, and names all others. */
function runsOf(stages: ReadonlyMap<string, ListedStage>): StoredRun[] {
  return [...stages.values()].flatMap(({ stage, stageKey, entry, modifiedAtMs }) => {
    const found = stage === 'report' ? ReportParams.safeParse(entry.params).data : undefined;
    if (found === undefined) return [];
    const keys = found.lineage.map((shard) => shard.stageKey);
    return [{ runId: found.runId, endedAtMs: modifiedAtMs, stages: [...keys, stageKey] }];
  });
}

/**
 * What pruning looks at.
 *
 * @param pinned keys of artifacts that something outside of the store refers to
 */
export function contentsOf(inventory: Inventory, pinned: Iterable<string>): StoreContents {
  const { artifacts, stages, objects, runs, named } = inventory;
  const held = [...artifacts].map(([key, { manifest, modifiedAtMs }]) => {
    const blobs = manifest.parts.map((part) => part.key);
    return [key, { blobs, modifiedAtMs, sizeBytes: objects.get(key)!.sizeBytes }] as const;
  });
  const checkpoints = new Map<string, { modifiedAtMs: number; sizeBytes: number }>();
  for (const [key, { modifiedAtMs, sizeBytes }] of objects) {
    if (!key.startsWith(CHECKPOINTS)) continue;
    const stageKey = key.split('/')[1]!;
    const slot = checkpoints.get(stageKey) ?? { modifiedAtMs: 0, sizeBytes: 0 };
    slot.modifiedAtMs = Math.max(slot.modifiedAtMs, modifiedAtMs);
    slot.sizeBytes += sizeBytes;
    checkpoints.set(stageKey, slot);
  }
  const namedKeys = [...artifacts.values()]
    .filter(({ ref }) => named.has(ref.sha256))
    .map(({ ref }) => ref.key);
  return {
    artifacts: new Map(held),
    blobs: new Map([...objects].filter(([key]) => key.startsWith(BLOBS))),
    derivations: stages,
    checkpoints,
    runs,
    pinned: new Set([...pinned, ...namedKeys]),
  };
}

/** The objects of a stage's checkpoints. */
export const checkpointKeys = ({ objects }: Inventory, stageKeys: ReadonlySet<string>): string[] =>
  [...objects.keys()].filter((key) => key.startsWith(CHECKPOINTS) && stageKeys.has(key.split('/')[1]!));
