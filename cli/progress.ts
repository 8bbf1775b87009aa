import type { RunStatus, StageStatus } from '../contracts/run.js';
import { duration, figure } from '../report/format.js';

/** Steps of a run in their order, and the share of its time that each usually takes (measured on the demo). */
const STEPS: Readonly<Record<string, number>> = {
  ingest: 3,
  clean: 6,
  featurize: 8,
  train: 14,
  importance: 20,
  loop: 28,
  crossValidate: 14,
  analyse: 4,
  champion: 0,
  gate: 1,
  register: 0,
  report: 2,
};

const TOTAL = Object.values(STEPS).reduce((sum, share) => sum + share, 0);
const ENOUGH_TO_JUDGE = 0.08;
const MAX_FIGURES = 3;

/** How much of a run is done, in [0, 1]; an estimate, for a bar. */
export function fractionDone({ state, stages }: RunStatus): number {
  if (state === 'completed') return 1;
  // A benchmark shows all its rows from the beginning; the last one is the leaderboard.
  if (stages.at(-1)?.path === 'leaderboard')
    return stages.reduce((sum, stage) => sum + fractionOf(stage), 0) / stages.length;
  const names = Object.keys(STEPS);
  const reached = Math.max(
    -1,
    ...stages.filter(({ state: at }) => at !== 'waiting').map(({ path }) => names.indexOf(stepOf(path))),
  );
  const before = names.slice(0, Math.max(reached, 0)).reduce((sum, name) => sum + (STEPS[name] ?? 0), 0);
  const current = stages.filter(({ path }) => reached >= 0 && stepOf(path) === names[reached]);
  const within = current.reduce((sum, stage) => sum + fractionOf(stage), 0) / Math.max(current.length, 1);
  return (before + within * (STEPS[names[reached] ?? ''] ?? 0)) / TOTAL;
}

/** `loop` of `loop.2.importance` */
const stepOf = (path: string): string => path.split('.')[0] ?? path;

function fractionOf({ state, shards }: StageStatus): number {
  if (state === 'done' || state === 'cached' || state === 'skipped') return 1;
  return shards && shards.total > 0 ? shards.done / shards.total : 0;
}

/** About how long a run goes on; undefined while too little is known. */
export function remainingMs(status: RunStatus, nowMs: number): number | undefined {
  const fraction = fractionDone(status);
  const startedAtMs = Math.min(...status.stages.flatMap((stage) => stage.startedAtMs ?? []));
  if (fraction < ENOUGH_TO_JUDGE || !Number.isFinite(startedAtMs)) return undefined;
  return ((nowMs - startedAtMs) * (1 - fraction)) / fraction;
}

/** A finished stage in one line: time, attempts, its first figures. */
export function stageLine({
  path,
  state,
  startedAtMs,
  endedAtMs,
  attempts,
  shards,
  figures,
  error,
}: StageStatus): string {
  const time = startedAtMs !== undefined && endedAtMs !== undefined ? duration(endedAtMs - startedAtMs) : '';
  const words: string[] = state === 'done' ? [] : [state];
  if (time !== '') words.push(time);
  if (shards && state !== 'waiting') words.push(`${shards.done}/${shards.total}${lostOf(shards)}`);
  if (!shards && attempts > 1) words.push(`${attempts} attempts`);
  const some = Object.entries(figures)
    .filter(([, value]) => value !== '')
    .slice(0, MAX_FIGURES)
    .map(([name, value]) => `${name} ${figure(value)}`);
  return `${path}  ${[words.join(', '), ...some, ...(error === undefined ? [] : [error])].filter((text) => text !== '').join(' · ')}`;
}

const lostOf = ({ lost = 0 }: NonNullable<StageStatus['shards']>): string =>
  lost > 0 ? ` (${lost} lost)` : '';

/** The sign before a stage. */
export const STATE_SIGN: Readonly<Record<StageStatus['state'], string>> = {
  waiting: '·',
  running: '▸',
  done: '✓',
  cached: '✓',
  blocked: '✕',
  skipped: '–',
};

/** The run as a whole, in a few words, the most wanted first: time left, metric, round. */
export function overallWords(status: RunStatus, nowMs: number): string {
  const left = remainingMs(status, nowMs);
  return [
    ...(left === undefined || status.state !== 'running' ? [] : [`about ${duration(left)} left`]),
    ...(status.metric ? [`${status.metric.name} ${status.metric.value.toFixed(4)}`] : []),
    ...(status.round > 0 ? [`round ${status.round}`] : []),
  ].join(' · ');
}
