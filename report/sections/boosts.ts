import type { BoostSummary, RunSummary } from '../../contracts/summary.js';
import { count, percent, pValue, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, mark, nothing, type Section } from './section.js';

/** Slices that were proposed to weigh more, and those whose labels should be checked instead. */
export function boostsSection({ boosts }: RunSummary): Section {
  const reasons = boosts.map(({ round, reason }) => html`<li><b>Round ${round}</b> ${reason}</li>`);
  return {
    id: 'boosts',
    title: 'Slice boosts',
    lead: 'The slice with the highest error, counting each error by how far its label can be trusted, may weigh more. Every fold proposes from its own training rows; rows that had no part in it judge, on labels as given.',
    body:
      boosts.length === 0
        ? nothing('No boost was tried: there was no further round, or it is switched off.')
        : html`<ul class="reasons">
              ${reasons}
            </ul>
            ${proposalsTable(boosts)}${relabelTable(boosts.at(-1)!)}`,
  };
}

function proposalsTable(boosts: readonly BoostSummary[]): Html | string {
  const rows = boosts.flatMap(({ round, proposal, test, accepted, agreeing, outerFolds }) =>
    proposal
      ? [
          [
            { show: String(round), sort: round },
            html`<bdi>${proposal.slice}</bdi>`,
            mark(accepted, 'kept', 'refused'),
            `×${Number(proposal.factor.toPrecision(3))}`,
            count(proposal.support),
            { show: percent(proposal.trustedError, 1), sort: proposal.trustedError },
            { show: percent(proposal.noiseRate, 1), sort: proposal.noiseRate },
            `${agreeing} of ${outerFolds}`,
            test ? `${test.wins} : ${test.losses}` : '–',
            test ? { show: pValue(test.pValue), sort: test.pValue } : '–',
            test ? { show: pValue(test.adjusted), sort: test.adjusted } : '–',
            test ? { show: signed(test.change, 4), sort: test.change } : '–',
          ],
        ]
      : [],
  );
  const columns = [
    { head: 'round' },
    { head: 'slice' },
    { head: 'decision' },
    { head: 'weight', numeric: true },
    { head: 'samples', numeric: true },
    { head: 'trusted error', numeric: true },
    { head: 'noise rate', numeric: true },
    { head: 'folds that agree', numeric: true },
    { head: 'won : lost', numeric: true },
    { head: 'p (McNemar)', numeric: true },
    { head: 'p (Holm)', numeric: true },
    { head: 'change overall', numeric: true },
  ];
  return rows.length === 0 ? '' : block('Proposals', table('Proposed slice boosts', columns, rows));
}

function relabelTable({ relabel, overall }: BoostSummary): Html | string {
  if (relabel.length === 0) return '';
  const rows = [...relabel, overall].map(({ slice, support, noiseRate, trustedError }) => [
    html`<bdi>${slice}</bdi>`,
    count(support),
    { show: percent(noiseRate, 1), sort: noiseRate },
    { show: percent(trustedError, 1), sort: trustedError },
  ]);
  const columns = [
    { head: 'slice' },
    { head: 'samples', numeric: true },
    { head: 'estimated noise rate', numeric: true },
    { head: 'trusted error', numeric: true },
  ];
  return block(
    'To be relabelled, not boosted: too many of their labels look wrong',
    table('Slices to relabel', columns, rows, rows.length > 24),
  );
}
