import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '../../contracts/store.js';
import { concurrently } from '../../core/concurrently.js';
import { sha256 } from '../../storage/hash.js';
import { takeInventory } from '../../storage/inventory.js';
import { verifyArtifacts, type Damage } from '../../storage/verifyStore.js';
import { startChild, type Target } from './processes.js';

const AT_ONCE = 2;

/** What killed writers left. */
export interface Survived {
  readonly kills: number;
  readonly artifacts: number;
  readonly largeObjects: number;
  readonly damages: readonly Damage[];
}

/**
 * Kills (SIGKILL) writers of artifacts and large objects at different moments, then reads all that is there.
 *
 * @param kills how many
 */
export async function killWriters(store: ObjectStore, target: Target, kills: number): Promise<Survived> {
  const scratchDirectory = await mkdtemp(join(tmpdir(), 'assay-kills-'));
  try {
    const each = Array.from({ length: kills }, (_, kill) => kill);
    await concurrently(each, AT_ONCE, (kill) => killOne(target, kill, scratchDirectory));
    const inventory = await takeInventory(store);
    const artifacts = [...inventory.artifacts.values()];
    const damages = await verifyArtifacts(store, inventory, artifacts, { scratchDirectory });
    const large = [...inventory.objects.keys()].filter((key) => key.startsWith('large/'));
    for (const key of large) {
      if (!key.endsWith(sha256(await store.get(key)))) damages.push({ key, what: 'is not whole' });
    }
    const unreadable = inventory.unreadable.map((key) => ({ key, what: 'can’t be read' }));
    return {
      kills,
      artifacts: artifacts.length,
      largeObjects: large.length,
      damages: [...damages, ...unreadable],
    };
  } finally {
    await rm(scratchDirectory, { recursive: true, force: true });
  }
}

async function killOne(target: Target, kill: number, folder: string): Promise<void> {
  const child = await startChild(target, 'write', String(kill), folder);
  // Half of them within the first artifact, or soon after; the others once it is there, however slow the machine.
  if (kill % 2 === 1) await new Promise((resolve) => child.stdout!.once('data', resolve));
  await sleep((kill * 137) % 1500);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
