import { join } from 'node:path';
import type { ArtifactStore, ObjectStore } from '../../contracts/store.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { takeInventory, type Inventory, type ListedArtifact } from '../../storage/inventory.js';
import { openStore } from '../../storage/open.js';
import type { StoredRun } from '../../core/lineage/retention.js';
import { directories, type Directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';

/** The store that this machine uses, and all that lies in it. */
export interface OpenedStore {
  readonly where: Directories;
  readonly scratchDirectory: string;
  readonly store: ObjectStore;
  readonly artifacts: ArtifactStore;
  readonly inventory: Inventory;
}

/** Opens the store (ASSAY_STORE, else `.assay/store`) and walks through it. */
export async function openInventory(): Promise<OpenedStore> {
  const where = directories();
  const store = await openStore(where.storeUri);
  const scratchDirectory = join(where.root, 'scratch');
  const artifacts = openArtifacts(store, { scratchDirectory });
  return { where, scratchDirectory, store, artifacts, inventory: await takeInventory(store) };
}

const SHORT = 12;

/** `model/3f2a9c1b7e55` */
export const shortRef = ({ kind, sha256 }: { readonly kind: string; readonly sha256: string }): string =>
  `${kind}/${sha256.slice(0, SHORT)}`;

/** `model/3f2a9c1b7e55` of a manifest's key. */
export const shortKey = (key: string): string => {
  const [kind = '', name = ''] = key.split('/').slice(-2);
  return shortRef({ kind, sha256: name });
};

/** The artifacts that a reference fits: key, hash or the beginning of one, with or without the kind. */
const fits = ({ artifacts }: Inventory, wanted: string): ListedArtifact[] => {
  const [, kind, hash = ''] =
    /^(?:(?:artifacts\/)?([a-z]+)\/)?([0-9a-f]{4,64})(?:\.json)?$/.exec(wanted) ?? [];
  if (hash === '') return [];
  return [...artifacts.values()].filter(
    ({ ref }) => ref.sha256.startsWith(hash) && (kind === undefined || ref.kind === kind),
  );
};

/** The one artifact that is meant. @throws CliError (exit 6) where none or several fit */
export function oneArtifact(inventory: Inventory, wanted: string): ListedArtifact {
  const found = fits(inventory, wanted);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new CliError(`the store has no artifact "${wanted}"`, EXIT.notFound, ['assay artifacts list']);
  }
  const choices = found.slice(0, 5).map(({ ref }) => `assay artifacts show ${ref.kind}/${ref.sha256}`);
  throw new CliError(`"${wanted}" fits ${found.length} artifacts; say which`, EXIT.notFound, choices);
}

/** The artifact or, where none fits, the newest finished run that is meant. @throws CliError (exit 6) */
export function artifactOrRun(inventory: Inventory, wanted: string): ListedArtifact | StoredRun {
  return fits(inventory, wanted).length > 0 ? oneArtifact(inventory, wanted) : oneRun(inventory, wanted);
}

/** The newest finished run that is meant. @param wanted id, end of an id, or name @throws CliError (exit 6) */
export function oneRun({ runs }: Inventory, wanted: string): StoredRun {
  const [newest] = runs
    .filter(({ runId }) => runId === wanted || runId.split('/')[1] === wanted || runId.endsWith(wanted))
    .sort((a, b) => b.endedAtMs - a.endedAtMs);
  if (newest) return newest;
  throw new CliError(`the store knows no artifact and no finished run "${wanted}"`, EXIT.notFound, [
    'assay artifacts list',
    'assay runs',
  ]);
}

/** Keys of all that a run read and wrote. */
export const artifactsOf = ({ stages }: Inventory, run: StoredRun): Set<string> =>
  new Set(
    run.stages.flatMap((key) => [...(stages.get(key)?.inputs ?? []), ...(stages.get(key)?.outputs ?? [])]),
  );

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `512 bytes`, `3.4 MB` */
export function size(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? String(bytes) : (bytes / 1000 ** power).toFixed(1)} ${UNITS[power]!}`;
}
