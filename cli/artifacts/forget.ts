import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { forget, planForget, type ForgetPlan } from '../../storage/forget.js';
import type { ForgetRecord } from '../../storage/forgetRecord.js';
import { count } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { fileNameOf } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { holderText, searchSample } from './lineage.js';
import { oneArtifact, openInventory, shortRef, size, type OpenedStore } from './openedStore.js';

interface ForgetOptions extends CommonOptions {
  readonly sample: string;
  readonly dataset?: string;
  readonly withModels?: boolean;
  readonly by?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `assay artifacts forget --sample ID` */
export const forgetCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay artifacts forget --sample SKU-1234',
      'assay artifacts forget --sample SKU-1234 --yes',
      'assay artifacts forget --sample SKU-1234 --with-models --yes',
    ])
      .requiredOption('--sample <id>', 'the id of the sample')
      .option('--dataset <ref>', 'only in this dataset and in what was made of it')
      .option(
        '--with-models',
        'also removes the models that learned from it, now or before; else they are marked',
      )
      .option('--by <who>', 'who asks for it, for the record (else this user on this machine)')
      .option('--yes', 'do it')
      .option('--dry-run', 'only say what would happen (the default)')
      .addHelpText(
        'after',
        '\nTake the sample out of your source files first: the next run reads them again. Let runs over it end first.',
      )
      .action(action<ForgetOptions>(run));
  },
};

async function run(_: readonly string[], options: ForgetOptions, terminal: Terminal): Promise<number> {
  if (options.yes && options.dryRun) throw new CliError('--yes or --dry-run, not both', EXIT.usage);
  const opened = await openInventory();
  const { inventory, store, artifacts } = opened;
  const dataset = options.dataset === undefined ? undefined : oneArtifact(inventory, options.dataset).ref.key;
  const search = await searchSample(opened, options.sample, terminal);
  const plan = planForget(inventory, options.sample, search, {
    ...(dataset === undefined ? {} : { dataset }),
    ...(options.withModels ? { withModels: true } : {}),
  });
  if (plan.remove.length + plan.retrain.length === 0) {
    terminal.json({ sample: options.sample, plan: null, record: null });
    terminal.line(`nothing in ${store.description} holds ${options.sample}, or depends on it`);
    return EXIT.ok;
  }
  if (!options.yes) {
    terminal.json({ sample: options.sample, plan: planJson(plan), record: null });
    for (const line of planLines(plan)) terminal.line(line);
    return EXIT.ok;
  }
  const by = options.by ?? `${userInfo().username}@${hostname()}`;
  const record = await forget(store, artifacts, inventory, plan, { by, now: () => new Date() });
  await removeLocalCopies(opened, plan);
  terminal.json({ sample: options.sample, plan: planJson(plan), record });
  for (const line of doneLines(record, plan)) terminal.line(line);
  return EXIT.ok;
}

/** This machine's downloads of what was removed, and the pages of the runs. */
async function removeLocalCopies({ where, scratchDirectory }: OpenedStore, plan: ForgetPlan): Promise<void> {
  const parts = plan.blobs.map((key) => join(scratchDirectory, 'parts', key.split('/').at(-1)!));
  const pages = plan.runs.flatMap((runId) =>
    ['html', 'json'].map((kind) => join(where.reports, `${fileNameOf(runId)}.${kind}`)),
  );
  for (const path of [...parts, ...pages]) await rm(path, { force: true });
}

const planJson = ({ rewrite, remove, retrain, stages, runs, blobs, freedBytes }: ForgetPlan) => ({
  rewrite: rewrite.map(({ artifact }) => artifact.ref),
  remove: remove.map(({ ref }) => ref),
  retrain: retrain.map(({ ref }) => ref),
  ...{ stages, runs, blobs, freedBytes },
});

function planLines({ rewrite, remove, retrain, stages, runs, freedBytes }: ForgetPlan): string[] {
  return [
    `would write again without it: ${count(rewrite.length)} tables`,
    ...rewrite.map((holder) => `  ${holderText(holder)}`),
    `would remove: ${count(remove.length)} artifacts (${size(freedBytes)}), ${count(stages.length)} cache entries`,
    ...kindsOf(remove.map(({ ref }) => ref.kind)),
    ...(retrain.length > 0 ? [`would mark as to be retrained: ${count(retrain.length)}`] : []),
    ...retrain.map(({ ref }) => `  ${shortRef(ref)}`),
    ...(runs.length > 0 ? ['of the runs', ...runs.map((runId) => `  ${runId}`)] : []),
    'Nothing was done. Add --yes to do it.',
  ];
}

function kindsOf(kinds: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, times]) => `  ${count(times)} ${kind}`);
}

function doneLines({ idSha256, rewritten, removed, retrain }: ForgetRecord, plan: ForgetPlan): string[] {
  return [
    `removed ${count(removed.length)} artifacts, ${size(plan.freedBytes)}`,
    ...rewritten.map(({ from, to }) => `${shortRef(from)} without it is ${shortRef(to)}`),
    ...(retrain.length > 0 ? ['to be retrained:', ...retrain.map((ref) => `  ${shortRef(ref)}`)] : []),
    `recorded under forgotten/${idSha256.slice(0, 12)}…`,
    ...(retrain.length > 0
      ? [
          'Start the runs again over sources without the sample, then: assay artifacts forget --sample … --with-models --yes',
        ]
      : []),
  ];
}
