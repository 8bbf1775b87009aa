import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunOutcome } from '../../../contracts/run.js';
import type { ObjectStore } from '../../../contracts/store.js';
import { takeInventory } from '../../../storage/inventory.js';
import { openStore } from '../../../storage/open.js';
import { openS3Store, parseS3Uri } from '../../../storage/s3.js';
import { missingParents, verifyArtifacts } from '../../../storage/verifyStore.js';
import { isAlive, lasting } from '../cluster.js';
import type { Scene } from './scene.js';

/** Trainer children look for their parent twice a second. */
const GONE_WITHIN_MS = 5_000;

/** What must hold after any fault, as a list of what doesn't. Ends the scene's workers. */
export async function aftermath(
  scene: Scene,
  undisturbed: Readonly<Record<string, unknown>>,
  outcome: RunOutcome,
): Promise<string[]> {
  await scene.killWorkers();
  return [
    ...differences(undisturbed, outcome),
    ...(await damages(scene)),
    ...(await orphans(scene)).map((process) => `orphan: ${process}`),
  ];
}

/** Artifacts are named by the hash of their content: the model's is that of its weights. */
function differences(undisturbed: Readonly<Record<string, unknown>>, outcome: RunOutcome): string[] {
  const found = lasting(outcome);
  const names = [...new Set([...Object.keys(undisturbed), ...Object.keys(found)])];
  const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
  return names
    .filter((name) => !isDeepStrictEqual(found[name], undisturbed[name]))
    .map((name) => `another ${name}: ${told(found[name])} instead of ${told(undisturbed[name])}`);
}

/** Artifacts that are not as they were written, not there, or not whole. */
async function damages(scene: Scene): Promise<string[]> {
  const store = await openDirectly(scene);
  const scratchDirectory = join(scene.directory, 'verifying');
  await mkdir(scratchDirectory, { recursive: true });
  const inventory = await takeInventory(store);
  const artifacts = [...inventory.artifacts.values()];
  if (artifacts.length === 0) return ['the store is empty'];
  const found = await verifyArtifacts(store, inventory, artifacts, { scratchDirectory });
  return [...found, ...missingParents(inventory)].map(({ key, what }) => `${key} ${what}`);
}

/** Past the proxy. */
function openDirectly({ storeUri, network }: Scene): Promise<ObjectStore> {
  if (network === undefined) return openStore(storeUri);
  const { endpoint, accessKeyId, secretAccessKey } = network.server;
  const credentials = { accessKeyId, secretAccessKey };
  return openS3Store({ ...parseS3Uri(storeUri), endpoint, credentials }, {});
}

/** Command lines of what still runs for the scene, once its workers were killed. */
async function orphans({ directory }: Scene): Promise<string[]> {
  let left: string[] = [];
  for (const end = Date.now() + GONE_WITHIN_MS; Date.now() < end; await sleep(100)) {
    left = (await processesOf(directory)).map(({ command }) => command);
    if (left.length === 0) return [];
  }
  return left;
}

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Workers and trainer children that were started for a directory: their settings name it. */
export async function processesOf(directory: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), command: command.replaceAll('\0', ' ') };
    }),
  );
  const names = [`"${directory}"`, `"${directory}/`];
  return found.filter(({ pid, command }) => names.some((name) => command.includes(name)) && isAlive(pid));
}
