import type { Sha256 } from '../contracts/artifact.js';
import { CacheEntry, type Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, ObjectStore } from '../contracts/store.js';
import { canonicalJson, sha256 } from './hash.js';

export interface StageKeyParts {
  readonly stage: string;
  /** Made by the build: hash of the stage's code and of the libraries it uses. */
  readonly codeVersion: string;
  /** Parsed, defaults filled in. */
  readonly params: unknown;
  readonly inputs: Artifacts;
  readonly seed: number;
  /** What else decides the bytes: engine, thread count. */
  readonly extra?: unknown;
}

/** Names a stage's result by everything that decides it. Of inputs only the content counts, not where it lies. */
export function stageKey(parts: StageKeyParts): Sha256 {
  const inputs = Object.entries(parts.inputs).map(([name, refs]) => [name, refs.map((ref) => ref.sha256)]);
  return sha256(canonicalJson({ ...parts, inputs: Object.fromEntries(inputs) as unknown }));
}

/** Finished stages of a store. */
export interface FinishedStages {
  /** Undefined also where an output is missing or altered, or the entry is. */
  lookup(stage: string, key: Sha256): Promise<CacheEntry | undefined>;
  /** What was recorded, without a look at the artifacts. */
  entry(stage: string, key: Sha256): Promise<CacheEntry | undefined>;
  /** Replaces what an earlier run of the same stage recorded. */
  record(entry: CacheEntry): Promise<void>;
}

/** The cache of stages in a store; every hit has had the hashes of all its outputs checked. */
export function openFinishedStages(store: ObjectStore, artifacts: ArtifactStore): FinishedStages {
  const recorded = async (stage: string, key: Sha256): Promise<CacheEntry | undefined> => {
    const at = entryKey(stage, key);
    if ((await store.head(at)) === undefined) return undefined;
    const entry = parseEntry(await store.get(at));
    return entry?.stageKey === key ? entry : undefined;
  };
  const record = async (entry: CacheEntry): Promise<void> => {
    const body = Buffer.from(canonicalJson(CacheEntry.parse(entry)));
    await store.put(entryKey(entry.stage, entry.stageKey), body);
  };
  return {
    entry: recorded,
    async lookup(stage, key) {
      const entry = await recorded(stage, key);
      if (entry === undefined) return undefined;
      for (const ref of Object.values(entry.outputs).flat()) {
        if (!(await artifacts.verify(ref, { deep: true }))) return undefined;
      }
      // Its time says when it was used last: whoever prunes looks at that.
      await record(entry);
      return entry;
    },
    record,
  };
}

/** Stage names have capitals, keys have not. */
export function entryKey(stage: string, key: Sha256): string {
  return `cache/${stage.toLowerCase()}/${key}.json`;
}

/** Undefined for a damaged entry, or one of another format: the stage then runs again and replaces it. */
export function parseEntry(bytes: Uint8Array): CacheEntry | undefined {
  try {
    return CacheEntry.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
