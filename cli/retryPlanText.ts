import { count } from '../report/format.js';
import type { PlannedShard, RetryPlan } from './retryPlan.js';
import type { Terminal } from './terminal.js';

const SHOWN_PATHS = 6;

/** A dry run as people read it. */
export function planLines({ stages, openAfter }: RetryPlan, { colors }: Pick<Terminal, 'colors'>): string[] {
  const running = stages.filter(({ shards }) => shards.some(runs));
  const lines = running.flatMap(({ path, shards }) => [
    `${colors.bold(path)}  ${shards.filter(runs).length} of ${shards.length}`,
    ...[...groups(shards.filter(runs))].map(([reasons, paths]) => {
      const which = paths.length < shards.length ? ` (${shortList(paths)})` : '';
      return `    ${reasons}${which}`;
    }),
  ]);
  const listed = (action: PlannedShard['action']): string[] =>
    stages
      .filter(({ shards }) => shards.length > 0 && shards.every((shard) => shard.action === action))
      .map(({ path }) => path);
  const [done, cached] = [listed('done'), listed('cache')];
  return [
    running.length > 0 ? 'would run again:' : 'nothing would run again',
    ...lines.map((line) => `  ${line}`),
    ...(cached.length > 0 ? [`from the cache: ${cached.join(', ')}`] : []),
    ...(done.length > 0 ? [`done in this run, not asked again: ${done.join(', ')}`] : []),
    ...(openAfter === undefined
      ? []
      : [`what follows ${openAfter} depends on what it finds: the run never got there`]),
    planSummary({ stages }),
  ];
}

const runs = ({ action }: PlannedShard): boolean => action === 'run';

/** How much would run, in a few words. */
export function planSummary({ stages }: RetryPlan): string {
  const shards = stages.flatMap((stage) => stage.shards);
  const again = shards.filter(runs);
  const touched = stages.filter((stage) => stage.shards.some(runs)).length;
  const same = again.filter(({ sameBytes }) => sameBytes).length;
  return (
    `${count(touched)} of ${count(stages.length)} stages, ${count(again.length)} of ${count(shards.length)} shards` +
    (same > 0 ? `; ${count(same)} of these have not changed and would write the same bytes` : '')
  );
}

/** Paths of shards that run for the same reasons. */
function groups(shards: readonly PlannedShard[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, reasons, sameBytes } of shards) {
    const words = [...reasons, ...(sameBytes ? ['nothing changed: it would write the same bytes'] : [])].join(
      '; ',
    );
    found.set(words, [...(found.get(words) ?? []), path]);
  }
  return found;
}

const shortList = (paths: readonly string[]): string =>
  paths.slice(0, SHOWN_PATHS).join(', ') +
  (paths.length > SHOWN_PATHS ? ` and ${paths.length - SHOWN_PATHS} more` : '');
