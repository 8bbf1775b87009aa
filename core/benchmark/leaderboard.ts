import type { Cell, Leaderboard, Standing } from '../../contracts/benchmark.js';
import { seeded } from '../random.js';
import { signFlipMaxT } from '../statistics/signFlip.js';
import { concordance, deviation, mean, meanOrNull, ranksFromHighest } from './ranks.js';

const FLIPS = 10_000;

/** A trial: cells of one data set, noise and seed. */
interface TrialCells {
  readonly group: string;
  readonly byEstimator: ReadonlyMap<string, Cell>;
}

/** What of a leaderboard follows from the cells alone. */
export type Ranking = Pick<Leaderboard, 'standings' | 'groups' | 'concordance' | 'pairedTrials'>;

/**
 * Ranks estimators by their mean 2-means F1 over all trials. Whether the best is really better than another is tested over
 * the trials that all estimators share: paired differences with random signs, the largest statistic of all comparisons.
 *
 * @throws RangeError without cells
 */
export function rankEstimators(cells: readonly Cell[], seed: number): Ranking {
  if (cells.length === 0) throw new RangeError('leaderboard: no cells');
  const names = [...new Set(cells.map(({ estimator }) => estimator))];
  const trials = trialsOf(cells);
  const ranks = ranksOf(trials);
  const summaries = names
    .map((name) => summarise(name, trials, ranks))
    .sort((a, b) => b.twoMeansF1 - a.twoMeansF1 || a.estimator.localeCompare(b.estimator));
  const paired = trials.filter(({ byEstimator }) => byEstimator.size === names.length);
  const pValues = againstBest(summaries, paired, seed);
  const standings = summaries.map((summary, at) => ({ ...summary, pValue: pValues[at]! }));
  return {
    standings,
    groups: groupRows(standings, trials),
    concordance: overallConcordance(trials, names),
    pairedTrials: paired.length,
  };
}

function trialsOf(cells: readonly Cell[]): TrialCells[] {
  const found = new Map<string, { group: string; byEstimator: Map<string, Cell> }>();
  for (const cell of cells) {
    const group = JSON.stringify([cell.dataset, cell.noise]);
    const key = `${group} ${cell.seed}`;
    const trial = found.get(key) ?? { group, byEstimator: new Map<string, Cell>() };
    trial.byEstimator.set(cell.estimator, cell);
    found.set(key, trial);
  }
  return [...found.values()];
}

/** Ranks by F1 within each trial. */
const ranksOf = (trials: readonly TrialCells[]): ReadonlyMap<Cell, number> =>
  new Map(
    trials.flatMap(({ byEstimator }) => {
      const cells = [...byEstimator.values()];
      const ranks = ranksFromHighest(cells.map(({ measures }) => measures.twoMeansF1));
      return cells.map((cell, i) => [cell, ranks[i]!] as const);
    }),
  );

function summarise(
  estimator: string,
  trials: readonly TrialCells[],
  ranks: ReadonlyMap<Cell, number>,
): Omit<Standing, 'pValue'> {
  const own = trials.flatMap(({ group, byEstimator }) => {
    const cell = byEstimator.get(estimator);
    return cell ? [{ group, cell, rank: ranks.get(cell)! }] : [];
  });
  const cells = own.map(({ cell }) => cell);
  const over = (of: (cell: Cell) => number): number => mean(cells.map(of));
  const f1 = cells.map(({ measures }) => measures.twoMeansF1);
  const spread = deviation(f1);
  const deviations = [...new Set(own.map(({ group }) => group))].flatMap((group) => {
    const found = deviation(own.filter((one) => one.group === group).map(({ rank }) => rank));
    return found === null ? [] : [found];
  });
  return {
    estimator,
    cells: cells.length,
    twoMeansF1: mean(f1),
    standardError: spread === null ? null : spread / Math.sqrt(f1.length),
    rocAuc: over(({ measures }) => measures.rocAuc),
    averagePrecision: over(({ measures }) => measures.averagePrecision),
    recallAtNoisy: over(({ measures }) => measures.recallAtNoisy),
    recovered: { clip: recovered(cells, 'clip'), filter: recovered(cells, 'filter') },
    meanRank: mean(own.map(({ rank }) => rank)),
    rankDeviation: meanOrNull(deviations),
    wallMs: over(({ wallMs }) => wallMs),
    evidenceMs: over(({ evidenceMs }) => evidenceMs),
    discovery: meanCurve(cells.map(({ measures }) => measures.discovery)),
    curves: cells.every(({ measures }) => measures.curves)
      ? {
          highest: meanCurve(cells.map(({ measures }) => measures.curves!.highest)),
          lowest: meanCurve(cells.map(({ measures }) => measures.curves!.lowest)),
        }
      : null,
  };
}

function recovered(cells: readonly Cell[], by: 'clip' | 'filter'): number | null {
  const accuracies = cells.map(({ measures }) => measures.accuracy);
  const cost = accuracies.reduce((sum, { oracle, given }) => sum + oracle - given, 0);
  const gain = accuracies.reduce((sum, accuracy) => sum + accuracy[by] - accuracy.given, 0);
  return cost > 0 ? gain / cost : null;
}

/** Point by point; curves of one benchmark are equally long. */
const meanCurve = (curves: readonly (readonly number[])[]): number[] =>
  (curves[0] ?? []).map((_, at) => mean(curves.map((curve) => curve[at]!)));

/** The best is the first; null for itself, and where no trial is shared. */
function againstBest(
  summaries: readonly { readonly estimator: string }[],
  trials: readonly TrialCells[],
  seed: number,
): (number | null)[] {
  if (trials.length === 0) return summaries.map(() => null);
  const [best, ...others] = summaries.map(({ estimator }) =>
    Float64Array.from(trials, ({ byEstimator }) => byEstimator.get(estimator)!.measures.twoMeansF1),
  );
  const differences = others.map((other) => best!.map((value, i) => value - other[i]!));
  const random = seeded(seed, 'leaderboard');
  return [null, ...signFlipMaxT({ differences, flips: FLIPS, random }).pValues];
}

function groupRows(standings: readonly Standing[], trials: readonly TrialCells[]): Leaderboard['groups'] {
  return [...new Set(trials.map(({ group }) => group))].map((group) => {
    const own = trials.filter((trial) => trial.group === group);
    const [dataset, noise] = JSON.parse(group) as [string, string]; // as made above
    return {
      dataset,
      noise,
      seeds: own.length,
      learners: countWords(own.map(({ byEstimator }) => [...byEstimator.values()][0]!.learner)),
      twoMeansF1: standings.map(({ estimator }) =>
        meanOrNull(own.flatMap(({ byEstimator }) => byEstimator.get(estimator)?.measures.twoMeansF1 ?? [])),
      ),
    };
  });
}

function countWords(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}

/** Of the trials that all estimators share. */
function overallConcordance(trials: readonly TrialCells[], names: readonly string[]): number | null {
  const whole = trials.filter(({ byEstimator }) => byEstimator.size === names.length);
  const groups = [...new Set(whole.map(({ group }) => group))];
  return meanOrNull(
    groups.flatMap((group) => {
      const table = whole
        .filter((trial) => trial.group === group)
        .map(({ byEstimator }) =>
          ranksFromHighest(names.map((name) => byEstimator.get(name)!.measures.twoMeansF1)),
        );
      const found = concordance(table);
      return found === null ? [] : [found];
    }),
  );
}
