import { dependentsOf, lineageTree, type Direction, type LineageNode } from '../../core/lineage/graph.js';
import { findSample, type Holder, type Search } from '../../storage/holders.js';
import type { Inventory } from '../../storage/inventory.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { stepProgress } from '../stepProgress.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { artifactOrRun, openInventory, shortKey, shortRef, type OpenedStore } from './openedStore.js';

interface LineageOptions extends CommonOptions {
  readonly sample?: string;
  readonly forwards?: boolean;
  readonly backwards?: boolean;
}

/** `assay artifacts lineage REF | RUN | --sample ID` */
export const lineageCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay artifacts lineage model/3f2a9c',
      'assay artifacts lineage dataset/77ab01 --forwards',
      'assay artifacts lineage catalogue',
      'assay artifacts lineage --sample SKU-1234',
    ])
      .argument('[ref or run]', 'KIND/HASH, HASH, or a finished run: id, end of an id, or name')
      .option('--sample <id>', 'which tables hold this sample, and which models learned from it')
      .option('--forwards', 'what was made of it')
      .option('--backwards', 'what it was made of (the default)')
      .action(action<LineageOptions>(lineage));
  },
};

async function lineage(
  [wanted]: readonly string[],
  { sample, forwards, backwards }: LineageOptions,
  terminal: Terminal,
): Promise<number> {
  if ((wanted === undefined) === (sample === undefined) || (forwards && backwards)) {
    throw new CliError('expected an artifact, a run or --sample ID; and one direction at most', EXIT.usage, [
      'assay artifacts lineage --help',
    ]);
  }
  const opened = await openInventory();
  if (sample !== undefined) return tellSample(opened, sample, terminal);
  const direction: Direction = forwards ? 'forwards' : 'backwards';
  const trees = treesOf(opened.inventory, wanted!, direction);
  terminal.json(trees);
  for (const tree of trees) for (const line of treeLines(tree)) terminal.line(line);
  return EXIT.ok;
}

/** Of an artifact, one tree; of a run, one for each end of it. */
function treesOf(inventory: Inventory, wanted: string, direction: Direction): LineageNode[] {
  const found = artifactOrRun(inventory, wanted);
  const all = [...inventory.stages.values()];
  if ('ref' in found) return [lineageTree(all, found.ref.key, direction)];
  const own = all.filter(({ stageKey }) => found.stages.includes(stageKey));
  const read = new Set(own.flatMap(({ inputs }) => inputs));
  const wrote = new Set(own.flatMap(({ outputs }) => outputs));
  const ends =
    direction === 'backwards'
      ? own.filter(({ stage }) => stage === 'report').flatMap(({ outputs }) => outputs.slice(0, 1))
      : own.filter(({ inputs }) => inputs.length === 0).flatMap(({ outputs }) => outputs);
  const others = direction === 'forwards' ? [...read].filter((key) => !wrote.has(key)) : [];
  return [...ends, ...others].map((key) => lineageTree(own, key, direction));
}

const SHOWN_ALIKE = 3;

/** An indented tree; of many children alike only some are shown. */
export function treeLines(tree: LineageNode, depth = 0): string[] {
  const via = tree.stages.length === 0 ? '' : `  (${tree.stages.join(', ')})`;
  const again = tree.isRepeated ? '  … see above' : '';
  const lines = [`${'  '.repeat(depth)}${shortKey(tree.artifact)}${via}${again}`];
  const shown = new Map<string, number>();
  for (const child of tree.children) {
    const alike = `${shortKey(child.artifact).split('/')[0]!} (${child.stages.join(', ')})`;
    const before = shown.get(alike) ?? 0;
    shown.set(alike, before + 1);
    const isPlain = child.isRepeated || child.children.length === 0;
    if (before < SHOWN_ALIKE || !isPlain) lines.push(...treeLines(child, depth + 1));
    else if (before === SHOWN_ALIKE) lines.push(`${'  '.repeat(depth + 1)}… and more of ${alike}`);
  }
  return lines;
}

async function tellSample(opened: OpenedStore, id: string, terminal: Terminal): Promise<number> {
  const found = await searchSample(opened, id, terminal);
  const { inventory } = opened;
  const all = [...inventory.stages.values()];
  const keys = ({ holders }: Search, split?: string): Set<string> =>
    new Set(
      holders
        .filter((one) => split === undefined || one.split === split)
        .map(({ artifact }) => artifact.ref.key),
    );
  const modelsOf = (from: ReadonlySet<string>): string[] =>
    [...dependentsOf(all, from, found.examined).artifacts]
      .filter((key) => inventory.artifacts.get(key)?.ref.kind === 'model')
      .sort();
  const learned = modelsOf(keys(found, 'train'));
  const judged = modelsOf(keys(found)).filter((key) => !learned.includes(key));
  terminal.json({
    sample: id,
    heldBy: found.holders.map(({ artifact, rows, split }) => ({
      ...artifact.ref,
      rowsOfSample: rows,
      split: split ?? null,
    })),
    learnedFromIt: learned,
    chosenOrJudgedWithIt: judged,
  });
  if (found.holders.length === 0) terminal.line(`no table in ${opened.store.description} holds ${id}`);
  else terminal.line('held by');
  for (const holder of found.holders) terminal.line(`  ${holderText(holder)}`);
  tellModels('models that learned from it, or from what was made of it', learned, terminal);
  tellModels('models that were chosen or judged with it', judged, terminal);
  return found.holders.length === 0 ? EXIT.notFound : EXIT.ok;
}

function tellModels(title: string, keys: readonly string[], terminal: Terminal): void {
  if (keys.length > 0) terminal.line(title);
  for (const key of keys) terminal.line(`  ${shortKey(key)}`);
}

/** `dataset/3f2a9c1b7e55, train` */
export const holderText = ({ artifact, rows, split }: Holder): string =>
  `${shortRef(artifact.ref)}${split === undefined ? '' : `, ${split}`}${rows > 1 ? `, ${rows} rows` : ''}`;

/** Looks for a sample in all tables, with a bar. */
export async function searchSample(
  { artifacts, inventory }: OpenedStore,
  id: string,
  terminal: Terminal,
): Promise<Search> {
  const bar = stepProgress(terminal, 'looking for it');
  const found = await findSample(artifacts, inventory, id, (done, total) =>
    bar.update({ done, total, unit: 'tables' }),
  );
  bar.stop();
  return found;
}
