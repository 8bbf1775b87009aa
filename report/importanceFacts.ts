import type { ImportanceSummary, SourceTable } from '../contracts/summary.js';
import { count, decimal, duration, isolated, percent } from './format.js';

/** What scoring says of itself, and what it cost. */
export const importanceFacts = (found: ImportanceSummary | undefined): (readonly [string, string])[] => {
  if (!found) return [];
  const { trust, game, sources, cost } = found;
  return [
    ...(trust
      ? [
          [
            'repeats',
            `rank correlation of scores ${decimal(trust.rankStability, 2)}; weights drawn to 1 by reliability ${decimal(trust.reliability, 2)}`,
          ] as const,
        ]
      : []),
    ...(game ? [['game', gameWords(game)] as const] : []),
    ...(sources ? [['sources', sourceWords(sources)] as const] : []),
    ['cost', `${count(cost.fits)} fits, ${duration(1000 * cost.seconds)} of scoring and rounds`],
  ];
};

const gameWords = ({
  units,
  lost = 0,
  halfWidth,
  rankCorrelation,
}: NonNullable<ImportanceSummary['game']>): string =>
  [
    `${count(units)} units`,
    ...(lost > 0 ? [`${count(lost)} more failed and were left out`] : []),
    ...(halfWidth === undefined ? [] : [`widest interval ±${halfWidth.toPrecision(2)}`]),
    ...(rankCorrelation === undefined
      ? []
      : [`rank correlation with the round before ${decimal(rankCorrelation)}`]),
  ].join(', ');

const SHOWN_SOURCES = 3;

const sourceWords = ({ column, mean, sources, count: all }: SourceTable): string =>
  [
    ...sources
      .slice(0, SHOWN_SOURCES)
      .map(
        ({ name, rate, samples }) =>
          `${isolated(name)}: noise rate ${percent(rate)} (${count(samples)} samples)`,
      ),
    `all ${count(all)} of ${isolated(column)}: ${percent(mean)}`,
  ].join('\n');
