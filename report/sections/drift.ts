import type { Shift } from '../../contracts/drift.js';
import type { RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { driftChart } from '../driftFigures.js';
import { count, decimal, isolated, percent } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

/** How the data differ from what the champion was made of. */
export function driftSection({ profile }: RunSummary): Section | undefined {
  if (!profile) return undefined;
  const { drift, columns } = profile;
  const base = { id: 'drift', title: 'Distributions and drift' };
  const missing = columns.filter((column) => column.missing > 0);
  const holes = missing
    .map(({ name, missing: share }) => `${isolated(name)} ${percent(share, 1)}`)
    .join(', ');
  const told = holes === '' ? 'No value is missing.' : `Missing values: ${holes}.`;
  if (!drift) {
    const lead = `Of ${count(columns.length)} views of the columns. ${told}`;
    return { ...base, lead, body: nothing('There is no champion whose data these could be compared with.') };
  }
  const changed = drift.shifts.filter(({ level }) => level !== 'none').length;
  const heads = ['column', 'PSI', 'by chance', 'Jensen–Shannon, bits', 'change', 'most changed'];
  const heading = heads.map((head, at) => ({ head, numeric: at >= 1 && at <= 3 }));
  return {
    ...base,
    lead: `${count(profile.rows)} rows against the ${count(drift.rows)} of ${isolated(drift.against)}, by size of the change: ${count(changed)} of ${count(drift.shifts.length)} changed beyond chance. ${told}`,
    body: html`${block('PSI by column (bar); what chance alone makes (tick)', drawChart(driftChart('drift', drift.shifts)))}
    ${table('Drift', heading, drift.shifts.map(row), drift.shifts.length > 24)}`,
  };
}

const row = (shift: Shift) => [
  html`<bdi>${shift.name}</bdi>`,
  { show: decimal(shift.psi), sort: shift.psi },
  decimal(shift.chance),
  { show: decimal(shift.jensenShannon), sort: shift.jensenShannon },
  shift.level,
  mostChanged(shift),
];

/** The bin whose share changed most: `rug 12% → 3%`. */
export function mostChanged({ labels, reference, current }: Shift): string {
  const share = (counts: readonly number[], bin: number): number =>
    counts[bin]! /
    Math.max(
      1,
      counts.reduce((sum, one) => sum + one, 0),
    );
  const change = (bin: number): number => Math.abs(share(current, bin) - share(reference, bin));
  const most = labels.reduce((best, _, bin) => (change(bin) > change(best) ? bin : best), 0);
  return `${isolated(labels[most] ?? '')} ${percent(share(reference, most))} → ${percent(share(current, most))}`;
}
