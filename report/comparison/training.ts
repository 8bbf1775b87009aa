import type { RunComparison } from '../../contracts/comparison.js';
import { count, decimal } from '../format.js';
import { table } from '../table.js';
import type { Section } from '../sections/section.js';

/** Whether the runs learned from the same samples, and think alike of them. */
export function trainingSection({ runs, training }: RunComparison): Section {
  const base = runs[0]!.label;
  const rows = training.map(({ label, samples, onlyFirst, onlyThis, relabelled, scores, weights }) => [
    `${label} and ${base}`,
    ...[samples, onlyFirst, onlyThis, relabelled].map((n) => ({ show: count(n), sort: n })),
    decimal(scores ?? NaN),
    decimal(weights ?? NaN),
  ]);
  const columns = [
    { head: 'runs' },
    { head: 'in both', numeric: true },
    { head: `only in ${base}`, numeric: true },
    { head: 'only in the other', numeric: true },
    { head: 'other target', numeric: true },
    { head: 'scores', numeric: true },
    { head: 'weights', numeric: true },
  ];
  return {
    id: 'training',
    title: 'Training samples',
    lead: 'Which training samples the runs share, and Spearman’s rank correlation of their scores and weights there (1: the same order; –: a run without any, or all the same).',
    body: table('Training samples by run', columns, rows),
  };
}
