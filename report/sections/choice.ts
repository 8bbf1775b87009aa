import type { RoundSummary, RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { foldsChart, roundsChart } from '../figures.js';
import { decimal, percent, pValue, signed } from '../format.js';
import { registeredSentence } from '../headline.js';
import { html, sentence } from '../html.js';
import { pathChart, type PathValues } from '../learningFigures.js';
import { table } from '../table.js';
import { block, mark, nothing, type Section } from './section.js';

/** Whether the challenger may replace the champion: every check. */
export function gateSection({ gate, registered }: RunSummary): Section {
  const base = { id: 'gate', title: 'Gate' };
  if (!gate) return { ...base, lead: '', body: nothing('The gate was skipped: nothing was decided.') };
  const rows = gate.checks.map(({ name, passed, found, allowed, detail }) => [
    sentence(name),
    mark(passed),
    sentence(found),
    sentence(allowed),
    sentence(detail),
  ]);
  const columns = ['check', 'result', 'found', 'allowed', 'detail'].map((head) => ({ head }));
  return {
    ...base,
    lead: `A challenger takes the place of the champion only if every check passes.${registered ? ` Model ${registeredSentence(registered)}.` : ''}`,
    body: table('Checks of the gate', columns, rows),
  };
}

/** What each round tried, and why it took or left it. */
export function roundsSection({ rounds, analysis, loopEnded }: RunSummary): Section {
  const metric = analysis?.metric ?? 'metric';
  const rows = rounds.flatMap(({ round, candidates, accepted }) =>
    [...candidates]
      .sort((a, b) => b.metric - a.metric)
      .map((one) => [
        { show: String(round), sort: round },
        html`${one.policy}
        ${one.policy === accepted && one.metric === bestMetric(candidates, accepted) ? mark(true, 'accepted') : ''}`,
        String(one.strength),
        decimal(one.metric, 4),
        { show: signed(one.gain, 4), sort: one.gain },
        { show: pValue(one.pValue), sort: one.pValue },
        { show: percent(one.effectiveSampleSize), sort: one.effectiveSampleSize },
      ]),
  );
  const columns = [
    { head: 'round' },
    { head: 'policy' },
    { head: 'strength', numeric: true },
    { head: metric, numeric: true },
    { head: 'gain', numeric: true },
    { head: 'p', numeric: true },
    { head: 'effective size', numeric: true },
  ];
  const paths = pathsOf(rounds);
  const reasons = rounds.map(({ round, reason }) => html`<li><b>Round ${round}</b> ${reason}</li>`);
  if (loopEnded !== undefined) reasons.push(html`<li><b>End</b> ${loopEnded}</li>`);
  return {
    id: 'rounds',
    title: 'Rounds',
    lead: 'Each candidate was judged on folds whose labels its weights never saw; it replaces the incumbent only when a permutation test over all candidates says so. Judged on labels as given, wrong ones included: compare candidates, not with the test split.',
    body:
      rounds.length === 0
        ? nothing('No round was played.')
        : html`${block(`${metric} of the incumbent (line) and of every candidate (dots)`, drawChart(roundsChart('rounds', metric, rounds)))}
            ${paths.length === 0 ? '' : block(`${metric} by strength of regularisation`, drawChart(pathChart('path', metric, paths)))}
            <ul class="reasons">
              ${reasons}
            </ul>
            ${table('Candidates', columns, rows, rows.length > 24)}`,
  };
}

/** Metric by strength of each policy that was tried at several, in the round that tried it last. */
function pathsOf(rounds: readonly RoundSummary[]): PathValues[] {
  const byPolicy = new Map<string, PathValues>();
  for (const { candidates } of rounds) {
    for (const policy of new Set(candidates.map((one) => one.policy))) {
      const points = candidates
        .filter((one) => one.policy === policy && one.strength > 0)
        .map(({ strength, metric }) => [strength, metric] as const)
        .sort((a, b) => a[0] - b[0]);
      if (points.length > 1) byPolicy.set(policy, { policy, points });
    }
  }
  return [...byPolicy.values()];
}

function bestMetric(candidates: RunSummary['rounds'][number]['candidates'], accepted: string | null): number {
  return Math.max(...candidates.filter(({ policy }) => policy === accepted).map(({ metric }) => metric));
}

/** The same comparison on other cuts of the data. */
export function crossValidationSection({ crossValidation, analysis }: RunSummary): Section {
  const charted = analysis?.metric ?? crossValidation[0]?.metric ?? '';
  const folds = Math.max(0, ...crossValidation.map(({ perFold }) => perFold.length));
  const columns = [
    { head: 'arm' },
    { head: 'metric' },
    { head: 'mean', numeric: true },
    { head: 'sd', numeric: true },
    ...Array.from({ length: folds }, (_, fold) => ({ head: `fold ${fold + 1}`, numeric: true })),
  ];
  const rows = crossValidation.map(({ arm, metric, mean, standardDeviation, perFold }) => [
    arm,
    metric,
    decimal(mean, 4),
    decimal(standardDeviation, 4),
    ...Array.from({ length: folds }, (_, fold) => decimal(perFold[fold] ?? NaN, 4)),
  ]);
  return {
    id: 'cross-validation',
    title: 'Cross-validation',
    lead: 'Weights are made anew inside every fold. Dots are folds, the bar is their mean. On labels as given, wrong ones included.',
    body:
      crossValidation.length === 0
        ? nothing('Switched off in this run.')
        : html`${block(
            `${charted} by fold`,
            drawChart(
              foldsChart(
                'folds',
                crossValidation.filter(({ metric }) => metric === charted),
              ),
            ),
          )}${table('Cross-validation', columns, rows)}`,
  };
}
