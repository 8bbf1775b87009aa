import type { StageStatus } from '../contracts/run.js';
import type { CacheEntry, Figures } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { type ImportanceSummary, SourceTable } from '../contracts/summary.js';
import { readDocument } from './prepared.js';

/** A shard of the run, and what the cache of stages has on it. */
export interface LinkedShard {
  readonly path: string;
  readonly entry: CacheEntry;
}

/** What belongs to scoring, and to rounds from the first on: `loop` alone makes the final models. */
const isPartOfChoice = (path: string): boolean => /^(importance|loop\.\d+)(\.|$)/.test(path);

/** What scoring says of itself in the figures of its shards, and what it took. */
export async function importanceFound(
  shards: readonly LinkedShard[],
  stages: readonly StageStatus[],
  { artifacts }: StageContext,
): Promise<ImportanceSummary> {
  const entryAt = (path: string): CacheEntry | undefined => shards.find((one) => one.path === path)?.entry;
  const weighed = entryAt('importance.weigh.full');
  const [sources] = weighed?.outputs['sources'] ?? [];
  const warnings = shards.flatMap(({ entry: { stage, figures } }) =>
    stage === 'weigh' && figures['warning'] !== undefined ? [String(figures['warning'])] : [],
  );
  const whole = weighed?.figures['warning'];
  return {
    // Units differ by a percent or two in what they estimate: the one of all rows speaks for them.
    warnings: whole === undefined ? [...new Set(warnings)].slice(0, 1) : [String(whole)],
    ...trustOf(weighed?.figures ?? {}),
    ...gameOf(shards),
    ...(sources ? { sources: SourceTable.parse(await readDocument(artifacts, sources)) } : {}),
    cost: {
      seconds: stages
        .filter(({ path }) => isPartOfChoice(path))
        .reduce((sum, row) => sum + secondsOf(row), 0),
      fits: shards
        .filter(({ path }) => isPartOfChoice(path))
        .reduce((sum, { entry }) => sum + fitsOf(entry), 0),
    },
  };
}

function trustOf({ rankStability, reliability }: Figures): Pick<ImportanceSummary, 'trust'> {
  if (rankStability === undefined) return {};
  return { trust: { rankStability: Number(rankStability), reliability: Number(reliability) } };
}

/** The last round over all training rows. */
function gameOf(shards: readonly LinkedShard[]): Pick<ImportanceSummary, 'game'> {
  const figures = shards.findLast(({ path }) => path.startsWith('importance.tally.full.'))?.entry.figures;
  if (!figures) return {};
  const { units, lost, halfWidth, rankCorrelation } = figures;
  return {
    game: {
      units: Number(units),
      ...(lost === undefined ? {} : { lost: Number(lost) }),
      ...(halfWidth === undefined ? {} : { halfWidth: Number(halfWidth) }),
      ...(rankCorrelation === undefined ? {} : { rankCorrelation: Number(rankCorrelation) }),
    },
  };
}

const secondsOf = ({ startedAtMs, endedAtMs }: StageStatus): number =>
  startedAtMs === undefined || endedAtMs === undefined ? 0 : (endedAtMs - startedAtMs) / 1000;

/** Models that a shard trained: one a strength of regularisation. */
function fitsOf({ stage, params, figures }: CacheEntry): number {
  if (stage === 'refine') return Number(figures['fits']);
  if (!['evidence', 'fit', 'dynamics', 'descent'].includes(stage)) return 0;
  const { strengths } = params as { strengths?: readonly number[] };
  return stage === 'dynamics' ? 1 : (strengths?.length ?? 1);
}
