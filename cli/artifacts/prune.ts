import { planPrune, type PrunePlan, type Retention } from '../../core/lineage/retention.js';
import { contentsOf } from '../../storage/inventory.js';
import { prune } from '../../storage/prune.js';
import { count } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import type { Directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { wholeNumber } from '../numbers.js';
import { finishedRecords } from '../records.js';
import { stepProgress } from '../stepProgress.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { openInventory, shortKey, size } from './openedStore.js';

interface PruneOptions extends CommonOptions {
  readonly keepRuns?: string;
  readonly olderThan: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const HOUR_MS = 3600_000;
const GRACE_MS = 24 * HOUR_MS;
const SHOWN = 20;

/** `assay artifacts prune` */
export const pruneCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay artifacts prune',
      'assay artifacts prune --older-than 90d --yes',
      'assay artifacts prune --keep-runs 10 --yes',
    ])
      .option(
        '--keep-runs <n>',
        'the newest finished runs stay, whatever their age; of the others, what they share',
      )
      .option('--older-than <age>', 'what no run used for so long may go: 12h, 30d, 8w', '30d')
      .option('--yes', 'do it')
      .option('--dry-run', 'only say what would go (the default)')
      .addHelpText(
        'after',
        '\nNothing goes that was written or used in the last 24 hours, that a kept run, a test set, a record or an alias\n' +
          'refers to, or that was written again meanwhile. Runs that go on may go on.',
      )
      .action(action<PruneOptions>(run));
  },
};

async function run(_: readonly string[], options: PruneOptions, terminal: Terminal): Promise<number> {
  if (options.yes && options.dryRun) throw new CliError('--yes or --dry-run, not both', EXIT.usage);
  const retention = retentionOf(options, Date.now());
  const { where, inventory, store } = await openInventory();
  const { droppedRuns } = planPrune(contentsOf(inventory, []), retention);
  const contents = contentsOf(inventory, pinnedByRecords(where, new Set(droppedRuns)));
  const plan = planPrune(contents, retention);
  if (!options.yes) {
    terminal.json({ ...plan, done: null });
    tellPlan(plan, terminal);
    return EXIT.ok;
  }
  const bar = stepProgress(terminal, 'pruning');
  const done = await prune(store, inventory, contents, plan, (at, total) =>
    bar.update({ done: at, total, unit: 'objects' }),
  );
  bar.stop();
  terminal.json({ ...plan, done });
  terminal.line(
    `removed ${count(done.objects)} objects, ${size(done.freedBytes)}, from ${store.description}`,
  );
  if (done.leftAlone.length > 0) {
    terminal.line(`left ${count(done.leftAlone.length)} alone: they were written or used again meanwhile`);
  }
  return EXIT.ok;
}

function retentionOf({ keepRuns, olderThan }: PruneOptions, nowMs: number): Retention {
  return {
    nowMs,
    graceMs: GRACE_MS,
    olderThanMs: ageMs(olderThan),
    ...(keepRuns === undefined ? {} : { keepRuns: wholeNumber('--keep-runs', keepRuns, 0) }),
  };
}

function ageMs(text: string): number {
  const [, number, unit] = /^(\d+)([hdw])$/.exec(text) ?? [];
  if (number === undefined) {
    throw new CliError(`--older-than: expected 12h, 30d or 8w, got "${text}"`, EXIT.usage);
  }
  return Number(number) * HOUR_MS * { h: 1, d: 24, w: 24 * 7 }[unit as 'h' | 'd' | 'w'];
}

/** What runs left that this machine remembers; of benchmarks and runs without a report, the store itself does not know. */
const pinnedByRecords = (where: Directories, dropped: ReadonlySet<string>): string[] =>
  finishedRecords(where)
    .filter(({ runId }) => !dropped.has(runId))
    .flatMap(({ outcome }) => Object.values(outcome!.outputs).flatMap((refs) => refs.map(({ key }) => key)));

function tellPlan(plan: PrunePlan, terminal: Terminal): void {
  const { keptRuns, droppedRuns, artifacts, stages, blobs, checkpoints, freedBytes } = plan;
  terminal.line(`finished runs: ${count(keptRuns.length)} stay, ${count(droppedRuns.length)} go`);
  for (const runId of droppedRuns.slice(0, SHOWN)) terminal.line(`  ${runId}`);
  terminal.line(
    `would go: ${count(stages.length)} cache entries, ${count(artifacts.length)} artifacts, ` +
      `${count(blobs.length)} blobs, checkpoints of ${count(checkpoints.length)} stages: ${size(freedBytes)}`,
  );
  for (const key of artifacts.slice(0, SHOWN)) terminal.line(`  ${shortKey(key)}`);
  if (artifacts.length > SHOWN) terminal.line(`  … and ${count(artifacts.length - SHOWN)} more`);
  if (freedBytes > 0) terminal.line('Nothing was removed. Add --yes to do it.');
}
