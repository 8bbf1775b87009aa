import { join } from 'node:path';
import { CHAMPION, type ModelRegistry, type ModelVersion } from '../../contracts/registry.js';
import type { ArtifactStore, ObjectStore } from '../../contracts/store.js';
import { nearestName } from '../../core/nearestName.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openStore } from '../../storage/open.js';
import { openRegistry } from '../../storage/registry.js';
import { directories, type Directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { recordedRun } from '../finishedRun.js';

/** The store that this machine uses, and the models in it. */
export interface OpenedModels {
  readonly where: Directories;
  readonly store: ObjectStore;
  readonly artifacts: ArtifactStore;
  readonly registry: ModelRegistry;
}

/** Opens the store (ASSAY_STORE, else `.assay/store`). */
export async function openModels(): Promise<OpenedModels> {
  const where = directories();
  const store = await openStore(where.storeUri);
  const artifacts = openArtifacts(store, { scratchDirectory: join(where.root, 'scratch') });
  return { where, store, artifacts, registry: openRegistry(store) };
}

/** A version, and the alias that it was found by: what follows the alias moves with it. */
export interface ChosenModel {
  readonly model: ModelVersion;
  readonly alias?: string;
}

/** What MODEL may be, for help texts. */
export const MODEL_HELP = 'NAME (its champion), NAME@3, NAME@champion, or the run that made it';

/**
 * The model that is meant.
 *
 * @param wanted see {@link MODEL_HELP}
 * @param otherwise what a name without champion means
 * @throws CliError (exit 6) where there is no such model
 */
export async function chooseModel(
  { where, registry }: Pick<OpenedModels, 'where' | 'registry'>,
  wanted: string,
  otherwise: 'newest' | 'refuse' = 'refuse',
): Promise<ChosenModel> {
  const [name = '', tag] = wanted.split('@');
  const versions = wanted.includes('/') ? [] : await registry.versions(name);
  if (versions.length === 0) return { model: await madeByRun(registry, where, wanted) };
  if (tag !== undefined && /^\d+$/.test(tag)) {
    const model = versions.find(({ version }) => version === Number(tag));
    if (model) return { model };
    throw noModel(`there is no ${wanted}; ${name} has ${versionsText(versions)}`, name);
  }
  const alias = tag ?? CHAMPION;
  const held = await registry.holder(name, alias);
  const model = versions.find(({ version }) => version === held?.version);
  if (model) return { model, alias };
  const newest = versions.at(-1)!;
  if (tag === undefined && otherwise === 'newest') return { model: newest };
  throw new CliError(`nothing is ${alias} of ${name}; it has ${versionsText(versions)}`, EXIT.notFound, [
    `assay models show ${name}@${newest.version}`,
    `assay models promote ${name}@${newest.version} --why "…"`,
  ]);
}

/** The name that is meant. @throws CliError (exit 6) */
export async function chooseName(
  { registry }: Pick<OpenedModels, 'registry'>,
  wanted: string,
): Promise<string> {
  const names = await registry.names();
  if (names.includes(wanted)) return wanted;
  throw unknownName(wanted, names);
}

const versionsText = (versions: readonly ModelVersion[]): string => {
  const [first, last] = [versions[0]!.version, versions.at(-1)!.version];
  return first === last ? `version ${first}` : `versions ${first} to ${last}`;
};

const noModel = (message: string, name: string): CliError =>
  new CliError(message, EXIT.notFound, [`assay models list ${name}`]);

/** A run's model. Where an earlier run had made the same model, that run's version. */
async function madeByRun(registry: ModelRegistry, where: Directories, wanted: string): Promise<ModelVersion> {
  const names = await registry.names();
  const all = (await Promise.all(names.map((name) => registry.versions(name)))).flat();
  const fits = all.filter(({ runId }) => runId === wanted || (wanted.length > 5 && runId.endsWith(wanted)));
  const made = recordedRun(where, wanted)?.outcome.figures['model'];
  const found = fits.at(-1) ?? all.find(({ name, version }) => `${name}@${version}` === made);
  if (found) return found;
  throw unknownName(wanted, names);
}

function unknownName(wanted: string, names: readonly string[]): CliError {
  const near = nearestName(wanted.split('@')[0]!, names);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  const none = names.length === 0 ? '; none is registered yet: a finished run registers its model' : meant;
  return new CliError(`there is no model and no run that made one called "${wanted}"${none}`, EXIT.notFound, [
    'assay models list',
  ]);
}
