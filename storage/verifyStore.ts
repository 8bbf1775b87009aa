import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { ObjectStore } from '../contracts/store.js';
import { contentHash } from './artifacts.js';
import { concurrently } from '../core/concurrently.js';
import { sha256OfFile } from './hash.js';
import type { Inventory, ListedArtifact } from './inventory.js';

const READS_AT_ONCE = 4;

/** Something that is not as it was written. */
export interface Damage {
  readonly key: string;
  readonly what: string;
}

export interface VerifyOptions {
  /** Local folder for what is downloaded to be hashed. */
  readonly scratchDirectory: string;
  /** Only that everything is there, with the right size. */
  readonly quick?: boolean;
  readonly tell?: (doneBytes: number, totalBytes: number) => void;
}

/** Compares artifacts with their hashes: manifests, and the bytes of each part, once, read anew from the store. */
export async function verifyArtifacts(
  store: ObjectStore,
  inventory: Inventory,
  artifacts: readonly ListedArtifact[],
  options: VerifyOptions,
): Promise<Damage[]> {
  const damages: Damage[] = [];
  for (const { ref, manifest } of artifacts) {
    const isRight = manifest.sha256 === contentHash(manifest) && ref.key.endsWith(`/${manifest.sha256}.json`);
    if (!isRight) damages.push({ key: ref.key, what: 'is altered: its content does not hash to its name' });
  }
  const parts = new Map(artifacts.flatMap(({ manifest }) => manifest.parts.map((part) => [part.key, part])));
  const total = [...parts.values()].reduce((sum, part) => sum + part.sizeBytes, 0);
  let done = 0;
  await concurrently([...parts.values()], READS_AT_ONCE, async (part) => {
    const what = await partDamage(store, inventory, part, options);
    if (what !== undefined) damages.push({ key: part.key, what });
    done += part.sizeBytes;
    options.tell?.(done, Math.max(total, 1));
  });
  return damages.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Artifacts that finished stages read or wrote, and that are not there any more; and documents that can't be read. */
export function missingParents({ stages, artifacts, unreadable }: Inventory): Damage[] {
  const missing = new Map<string, string>();
  for (const { stage, inputs, outputs } of stages.values()) {
    for (const key of inputs) if (!artifacts.has(key)) missing.set(key, `is missing: ${stage} read it`);
    for (const key of outputs) if (!artifacts.has(key)) missing.set(key, `is missing: ${stage} wrote it`);
  }
  return [
    ...[...missing].map(([key, what]) => ({ key, what })),
    ...unreadable.map((key) => ({ key, what: 'is altered: it can’t be read' })),
  ];
}

async function partDamage(
  store: ObjectStore,
  { objects }: Inventory,
  part: Part,
  { quick, scratchDirectory }: VerifyOptions,
): Promise<string | undefined> {
  const found = objects.get(part.key);
  if (found === undefined) return 'is missing';
  if (found.sizeBytes !== part.sizeBytes) {
    return `is altered: ${String(found.sizeBytes)} bytes instead of ${String(part.sizeBytes)}`;
  }
  if (quick === true) return undefined;
  try {
    const hash = await hashAnew(store, part.key, scratchDirectory);
    return hash === part.sha256 ? undefined : `is altered: expected SHA-256 ${part.sha256}, got ${hash}`;
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

async function hashAnew(store: ObjectStore, key: string, scratchDirectory: string): Promise<string> {
  const inPlace = store.localPath?.(key);
  if (inPlace !== undefined) return sha256OfFile(inPlace);
  const path = join(scratchDirectory, `verify-${randomUUID()}`);
  try {
    await store.getFile(key, path);
    return await sha256OfFile(path);
  } finally {
    await rm(path, { force: true });
  }
}
