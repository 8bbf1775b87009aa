import { Option } from 'commander';
import { ArtifactKind } from '../../contracts/artifact.js';
import type { Inventory, ListedArtifact } from '../../storage/inventory.js';
import { count, instant } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { factLines, prose, tableLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import {
  artifactsOf,
  oneArtifact,
  oneRun,
  openInventory,
  shortRef,
  size,
  type OpenedStore,
} from './openedStore.js';

interface ListOptions extends CommonOptions {
  readonly kind?: ArtifactKind;
  readonly run?: string;
}

/** `assay artifacts list` */
export const listCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay artifacts list',
      'assay artifacts list --kind model --run catalogue --json',
    ])
      .addOption(new Option('--kind <kind>', 'only of this kind').choices(ArtifactKind.options))
      .option('--run <run>', 'only what this finished run read and wrote: id, end of an id, or name')
      .action(action<ListOptions>(list));
  },
};

async function list(_: readonly string[], { kind, run }: ListOptions, terminal: Terminal): Promise<number> {
  const { inventory, store } = await openInventory();
  const ofRun = run === undefined ? undefined : artifactsOf(inventory, oneRun(inventory, run));
  const found = [...inventory.artifacts.values()]
    .filter(({ ref }) => (kind === undefined || ref.kind === kind) && (ofRun?.has(ref.key) ?? true))
    .sort((a, b) => b.modifiedAtMs - a.modifiedAtMs || (a.ref.key < b.ref.key ? -1 : 1));
  const bytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  terminal.json(found.map((one) => listedJson(one, inventory)));
  const rows = found.map((one) => [
    shortRef(one.ref),
    one.ref.rows === 0 ? '' : count(one.ref.rows),
    size(one.sizeBytes),
    instant(one.modifiedAtMs),
    notes(one, inventory),
  ]);
  const headings = ['artifact', 'rows', 'size', 'written', ''].map((head, i) => ({
    head,
    numeric: i === 1 || i === 2,
  }));
  for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
  terminal.line(prose(`${count(found.length)} artifacts, ${size(bytes)}, in ${store.description}`, terminal));
  return EXIT.ok;
}

const listedJson = (one: ListedArtifact, inventory: Inventory) => ({
  ...one.ref,
  sizeBytes: one.sizeBytes,
  modifiedAtMs: one.modifiedAtMs,
  toBeRetrained: isMarked(one, inventory),
});

/** Learned from a sample that was forgotten since. */
const isMarked = ({ ref }: ListedArtifact, { forgotten }: Inventory): boolean =>
  forgotten.some(({ retrain }) => retrain.some(({ key }) => key === ref.key));

const notes = (one: ListedArtifact, inventory: Inventory): string =>
  isMarked(one, inventory) ? 'to be retrained: learned from a forgotten sample' : '';

/** `assay artifacts show REF` */
export const showCommand: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay artifacts show dataset/3f2a9c', 'assay artifacts show 3f2a9c1b --json'])
      .argument('<ref>', 'KIND/HASH or HASH; the first letters of the hash are enough')
      .action(action<CommonOptions>(show));
  },
};

async function show([wanted = '']: readonly string[], _: CommonOptions, terminal: Terminal): Promise<number> {
  const { inventory, store } = await openInventory();
  const found = oneArtifact(inventory, wanted);
  const { manifest, ref, sizeBytes, modifiedAtMs } = found;
  const related = relations(found, inventory);
  terminal.json({ ...listedJson(found, inventory), ...related, manifest });
  const facts: [string, string][] = [
    ['artifact', ref.key],
    ['rows', ref.rows === 0 ? '' : count(ref.rows)],
    ['columns', manifest.columns.map(({ name, type }) => `${name} ${type}`).join(', ')],
    ['content', `${manifest.contentType}, ${size(sizeBytes)}, written ${instant(modifiedAtMs)}`],
    ['parts', manifest.parts.map(({ key }) => whereIs(store, key)).join('\n')],
    ['made by', related.madeBy.map(({ stage, stageKey }) => `${stage} ${stageKey.slice(0, 12)}`).join(', ')],
    ['read by', related.readBy.map(({ stage, stageKey }) => `${stage} ${stageKey.slice(0, 12)}`).join(', ')],
    ['runs', related.runs.join(', ')],
    ['beware', notes(found, inventory)],
  ];
  const told = facts.filter(([, text]) => text !== '');
  for (const line of factLines(told, terminal)) terminal.line(line);
  return EXIT.ok;
}

const whereIs = (store: OpenedStore['store'], key: string): string =>
  store.localPath?.(key) ?? `${store.description}: ${key}`;

function relations({ ref }: ListedArtifact, { stages, runs }: Inventory) {
  const all = [...stages.values()];
  const named = (some: typeof all) => some.map(({ stage, stageKey }) => ({ stage, stageKey }));
  const madeBy = all.filter(({ outputs }) => outputs.includes(ref.key));
  const readBy = all.filter(({ inputs }) => inputs.includes(ref.key));
  const keys = new Set([...madeBy, ...readBy].map(({ stageKey }) => stageKey));
  return {
    madeBy: named(madeBy),
    readBy: named(readBy),
    runs: runs.filter((run) => run.stages.some((key) => keys.has(key))).map(({ runId }) => runId),
  };
}
