import type { ObjectStore } from '../contracts/store.js';
import type { Kept, PrunePlan, StoreContents } from '../core/lineage/retention.js';
import { concurrently } from '../core/concurrently.js';
import { checkpointKeys, type Inventory } from './inventory.js';

const DELETES_AT_ONCE = 8;

/** What pruning has removed. */
export interface Pruned {
  readonly objects: number;
  readonly freedBytes: number;
  /** Keys that were written again since the store was listed: left alone. */
  readonly leftAlone: readonly string[];
}

/**
 * Removes what a plan names, most dependent first: cache entries, so that no run finds what is about to go, then
 * manifests, then bytes. Killed anywhere, it leaves no entry or manifest without what it names. Each object is looked
 * at again before it is deleted: writers write again what they rely on, so what is newer than the plan stays.
 *
 * @param tell called with the number of objects dealt with, and of all
 */
export async function prune(
  store: ObjectStore,
  inventory: Inventory,
  contents: StoreContents,
  plan: PrunePlan,
  tell: (done: number, total: number) => void = () => undefined,
): Promise<Pruned> {
  const stages = plan.stages.map((stageKey) => inventory.stages.get(stageKey)!.key);
  const checkpoints = checkpointKeys(inventory, new Set(plan.checkpoints));
  const waves = [stages, plan.artifacts, [...plan.blobs, ...checkpoints]];
  const total = waves.flat().length;
  const leftAlone: string[] = [];
  let done = 0;
  let freedBytes = 0;
  let spared: ReadonlySet<string> = new Set();
  for (const wave of waves) {
    await concurrently(wave, DELETES_AT_ONCE, async (key) => {
      const listed = inventory.objects.get(key)!;
      const removed = !spared.has(key) && (await removeUnchanged(store, listed));
      if (removed) freedBytes += listed.sizeBytes;
      else leftAlone.push(key);
      tell(++done, total);
    });
    spared = new Set([...spared, ...neededBy(leftAlone, inventory, contents)]);
  }
  return { objects: total - leftAlone.length, freedBytes, leftAlone };
}

/** @returns false when the object was written again since it was listed */
async function removeUnchanged(
  store: ObjectStore,
  listed: Kept & { readonly key: string },
): Promise<boolean> {
  const now = await store.head(listed.key);
  if (now !== undefined && now.modifiedAtMs !== listed.modifiedAtMs) return false;
  await store.delete(listed.key);
  return true;
}

/** Whatever was used again needs what it names. */
function* neededBy(
  keys: readonly string[],
  inventory: Inventory,
  { artifacts }: StoreContents,
): Iterable<string> {
  const used = new Set(keys);
  for (const { key, inputs, outputs } of inventory.stages.values()) {
    if (used.has(key)) for (const artifact of [...inputs, ...outputs]) used.add(artifact);
  }
  for (const artifact of used) {
    yield artifact;
    yield* artifacts.get(artifact)?.blobs ?? [];
  }
}
