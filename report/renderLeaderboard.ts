import type { Leaderboard, Standing } from '../contracts/benchmark.js';
import { drawChart } from './charts.js';
import { foldsChart } from './figures.js';
import { decimal, isolated } from './format.js';
import { html, type Html } from './html.js';
import { linesChart, MOST_LINES } from './leaderboardCharts.js';
import { leaderboardHeadline, protocolWords, STANDING_COLUMNS } from './leaderboardText.js';
import { renderPage } from './page.js';
import { block, type Section } from './sections/section.js';
import { table } from './table.js';

/** A leaderboard as one HTML page. The same board gives the same characters. */
export const renderLeaderboard = (board: Leaderboard): string =>
  renderPage({
    title: `${isolated(board.name)} · Assay leaderboard`,
    header: html`<p class="eyebrow">
        <b><bdi>${board.name}</bdi></b
        ><span>${protocolWords(board)}</span>
      </p>
      <h1>${leaderboardHeadline(board)}</h1>`,
    sections: [
      standingsSection(board),
      groupsSection(board),
      discoverySection(board),
      ...(board.standings.some(({ curves }) => curves) ? [curvesSection(board)] : []),
    ],
    footer: 'Made by Assay; the same facts are in the benchmark’s JSON, Markdown and Parquet files.',
  });

function standingsSection({ standings, groups, concordance, missing }: Leaderboard): Section {
  const rows = standings.map((standing) =>
    STANDING_COLUMNS.map(({ show, sort }) =>
      sort ? { show: show(standing), sort: sort(standing) } : show(standing),
    ),
  );
  const columns = STANDING_COLUMNS.map(({ head }, at) => ({ head, numeric: at > 0 }));
  const agreement =
    concordance === null
      ? ''
      : ` Ranks agree between seeds with Kendall’s W ${decimal(concordance, 2)} (1: always the same order).`;
  return {
    id: 'standings',
    title: 'Standings',
    lead: `F1 of the low cluster of 2-means against the noisy rows, mean over trials; p: is the best really better (paired, adjusted for all comparisons)? Recovered: share of what the noise costs in test accuracy.${agreement}`,
    body: html`${block('mean F1, and that of each data set and noise', drawChart(f1Chart(standings, groups)))}
    ${table('Standings of the estimators', columns, rows)}
    ${missing.length > 0 ? html`<p class="note">Given up by an operator: ${missing.join(', ')}.</p>` : ''}`,
  };
}

const f1Chart = (standings: readonly Standing[], groups: Leaderboard['groups']) =>
  foldsChart(
    'f1',
    standings.map(({ estimator, twoMeansF1, standardError }, at) => ({
      arm: estimator,
      metric: '2-means F1',
      mean: twoMeansF1,
      standardDeviation: standardError ?? 0,
      perFold: groups.flatMap((group) => group.twoMeansF1[at] ?? []),
    })),
  );

function groupsSection({ standings, groups }: Leaderboard): Section {
  const columns = [
    ...['data set', 'noise', 'seeds', 'learner'].map((head) => ({ head })),
    ...standings.map(({ estimator }) => ({ head: estimator, numeric: true })),
  ];
  const rows = groups.map(({ dataset, noise, seeds, learners, twoMeansF1 }) => [
    ...[dataset, noise, String(seeds), learners],
    ...twoMeansF1.map((value) => (value === null ? '–' : decimal(value))),
  ]);
  return {
    id: 'groups',
    title: 'Data sets',
    lead: 'Mean 2-means F1 over seeds. Learner: whose out-of-fold predictions had the lowest log-loss.',
    body: table('2-means F1 by data set and noise', columns, rows),
  };
}

/** The best ones, and random where it is there. */
function shown(standings: readonly Standing[]): Standing[] {
  const first = standings.slice(0, MOST_LINES);
  const random = standings.find(({ estimator }) => estimator === 'random');
  return random && !first.includes(random) ? [...first.slice(0, MOST_LINES - 1), random] : first;
}

function discoverySection({ standings }: Leaderboard): Section {
  const lines = shown(standings).map(({ estimator, discovery }) => ({ name: estimator, values: discovery }));
  return {
    id: 'discovery',
    title: 'Discovery',
    lead: 'Share of the noisy rows that are found by looking at the lowest scores first; on the diagonal a score is worth nothing.',
    body: drawChart(
      linesChart(
        'discovery',
        'Noisy rows found by rows looked at',
        { x: 'rows looked at', y: 'noisy rows found', range: [0, 1] },
        lines,
      ),
    ),
  };
}

function curvesSection({ standings }: Leaderboard): Section {
  const withCurves = standings.filter(({ curves }) => curves);
  const chart = (side: 'highest' | 'lowest', label: string): Html => {
    const lines = shown(withCurves).map(({ estimator, curves }) => ({
      name: estimator,
      values: curves![side],
    }));
    const first = 1 / (lines[0]?.values.length ?? 1);
    return drawChart(linesChart(side, label, { x: 'rows trained on', y: 'test accuracy' }, lines, first));
  };
  return {
    id: 'curves',
    title: 'Removal and addition',
    lead: 'Test accuracy after training on part of the rows. From the right: removing rows. From the left: adding them.',
    body: html`${block('keeping the highest scores (removing the lowest)', chart('highest', 'Accuracy keeping the highest scores'))}
    ${block('keeping the lowest scores (removing the highest)', chart('lowest', 'Accuracy keeping the lowest scores'))}`,
  };
}
