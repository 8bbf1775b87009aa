import type { StageStatus } from '../../contracts/run.js';
import type { RunSummary } from '../../contracts/summary.js';
import { factList } from '../facts.js';
import { count, duration, percent } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { nothing, type Section } from './section.js';

interface Spent {
  readonly stage: string;
  readonly ms: number;
  readonly shards: number;
  readonly attempts: number;
  readonly cached: number;
}

/** What each stage took, loops and shards together. */
export function costSection({ stages, lineage, importance, rows }: RunSummary): Section {
  const spent = costsByStage(stages).sort((a, b) => b.ms - a.ms);
  const total = spent.reduce((sum, { ms }) => sum + ms, 0);
  const base = { id: 'cost', title: 'Cost' };
  if (spent.length === 0) return { ...base, lead: '', body: nothing('No stage has ended.') };
  const facts: readonly (readonly [string, string])[] = [
    ['stages, one after the other', duration(total)],
    ['pieces of work', count(lineage.length)],
    ...(importance ? [['models trained for scores and rounds', count(importance.cost.fits)] as const] : []),
    ...(rows.train > 0
      ? [['per 1,000 training samples', duration((1000 * total) / rows.train)] as const]
      : []),
  ];
  return {
    ...base,
    lead: 'Wall time by stage, the longest first; pieces of one stage run side by side.',
    body: html`${factList(facts)}
    ${table(
      'Cost by stage',
      [
        { head: 'stage' },
        { head: 'time', numeric: true },
        { head: 'share', numeric: true },
        { head: 'pieces', numeric: true },
        { head: 'reused', numeric: true },
        { head: 'tried again', numeric: true },
      ],
      spent.map(({ stage, ms, shards, attempts, cached }) => [
        html`<code>${stage}</code>`,
        { show: duration(ms), sort: ms },
        {
          show: html`<span class="meter"
              ><i style="width:${((ms / (total || 1)) * 100).toFixed(1)}%"></i></span
            >${percent(ms / (total || 1))}`,
          sort: ms,
        },
        count(shards),
        count(cached),
        count(attempts),
      ]),
    )}`,
  };
}

/** What was spent, by the first part of a stage's path. */
export function costsByStage(stages: readonly StageStatus[]): Spent[] {
  const byStage = new Map<string, Spent>();
  for (const { path, startedAtMs, endedAtMs, state, attempts, shards } of stages) {
    if (startedAtMs === undefined || endedAtMs === undefined) continue;
    const stage = path.split('.')[0]!;
    const before = byStage.get(stage) ?? { stage, ms: 0, shards: 0, attempts: 0, cached: 0 };
    byStage.set(stage, {
      stage,
      ms: before.ms + endedAtMs - startedAtMs,
      shards: before.shards + (shards?.total ?? 1),
      attempts: before.attempts + (shards ? 0 : Math.max(0, attempts - 1)),
      cached: before.cached + (state === 'cached' ? 1 : 0),
    });
  }
  return [...byStage.values()];
}
