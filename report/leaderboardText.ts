import type { Leaderboard, Standing } from '../contracts/benchmark.js';
import { count, decimal, duration, pValue, percent } from './format.js';

/** What the leaderboard says, in one sentence. */
export function leaderboardHeadline({ standings, pairedTrials }: Leaderboard): string {
  const [best, ...others] = standings;
  if (!best) return 'No estimator was judged.';
  const equal = others.filter((one) => one.pValue !== null && one.pValue >= 0.05);
  const found = `${best.estimator} finds noisy samples best: mean 2-means F1 ${decimal(best.twoMeansF1)}, AUROC ${decimal(best.rocAuc)}.`;
  if (others.length === 0) return found;
  const trials = pairedTrials === 1 ? 'one shared trial' : `${count(pairedTrials)} shared trials`;
  if (equal.length === 0) return `${found} All others are worse (p < 0.05 over ${trials}).`;
  const names = equal.map(({ estimator }) => estimator).join(', ');
  return `${found} Over ${trials} it can’t be told from ${names}.`;
}

/** Estimators take from a fraction of a millisecond to hours. */
const milliseconds = (ms: number): string =>
  ms < 1000 ? `${decimal(ms, ms < 10 ? 1 : 0)} ms` : duration(ms);

/** Columns of the table of standings, in words and numbers. */
export const STANDING_COLUMNS: readonly {
  readonly head: string;
  readonly show: (standing: Standing) => string;
  readonly sort?: (standing: Standing) => number;
}[] = [
  { head: 'estimator', show: ({ estimator }) => estimator },
  { head: '2-means F1', show: ({ twoMeansF1 }) => decimal(twoMeansF1) },
  { head: '±', show: ({ standardError }) => orDash(standardError, decimal) },
  { head: 'p', show: ({ pValue: p }) => orDash(p, pValue), sort: ({ pValue: p }) => p ?? 1 },
  { head: 'AUROC', show: ({ rocAuc }) => decimal(rocAuc) },
  { head: 'AP', show: ({ averagePrecision }) => decimal(averagePrecision) },
  { head: 'recall', show: ({ recallAtNoisy }) => decimal(recallAtNoisy) },
  { head: 'recovered, clip', show: ({ recovered }) => orDash(recovered.clip, percent) },
  { head: 'recovered, filter', show: ({ recovered }) => orDash(recovered.filter, percent) },
  { head: 'rank', show: ({ meanRank }) => decimal(meanRank, 1) },
  { head: 'rank ±', show: ({ rankDeviation }) => orDash(rankDeviation, (value) => decimal(value, 1)) },
  { head: 'time / 1000', show: ({ wallMs }) => milliseconds(wallMs), sort: ({ wallMs }) => wallMs },
  {
    head: 'evidence / 1000',
    show: ({ evidenceMs }) => milliseconds(evidenceMs),
    sort: ({ evidenceMs }) => evidenceMs,
  },
];

const orDash = (value: number | null, show: (value: number) => string): string =>
  value === null ? '–' : show(value);

/** Who was judged on what, for the head of a page. */
export const protocolWords = ({ size, learner, folds, standings }: Leaderboard): string =>
  `${size.train} training, ${size.validation} validation and ${size.test} test rows a trial; evidence by ${learner}, ` +
  `${folds} folds; at most ${count(Math.max(0, ...standings.map(({ cells }) => cells)))} trials an estimator`;

/** The leaderboard as Markdown. */
export function leaderboardMarkdown(board: Leaderboard): string {
  const { name, standings, groups, concordance, missing } = board;
  const heads = STANDING_COLUMNS.map(({ head }) => head);
  const rows = standings.map((standing) => STANDING_COLUMNS.map(({ show }) => show(standing)));
  const groupHeads = [
    'data set',
    'noise',
    'seeds',
    'learner',
    ...standings.map(({ estimator }) => estimator),
  ];
  const groupTable = groups.map(({ dataset, noise, seeds, learners, twoMeansF1 }) => [
    ...[dataset, noise, String(seeds), learners],
    ...twoMeansF1.map((value) => orDash(value, decimal)),
  ]);
  return [
    `# Leaderboard: ${name}`,
    '',
    leaderboardHeadline(board),
    '',
    `${protocolWords(board)}.${concordance === null ? '' : ` Concordance of ranks over seeds (Kendall’s W): ${decimal(concordance, 2)}.`}`,
    '',
    ...markdownTable(heads, rows),
    '',
    '## 2-means F1 by data set and noise',
    '',
    ...markdownTable(groupHeads, groupTable),
    ...(missing.length > 0 ? ['', `Given up by an operator: ${missing.join(', ')}.`] : []),
    '',
  ].join('\n');
}

const markdownTable = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
};
