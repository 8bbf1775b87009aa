import { argmaxRows } from '../probability.js';
import { type ClassFigures, confusion, perClass } from './confusion.js';
import { defineMetric, type MetricPair } from './defineMetric.js';

type Figure = 'precision' | 'recall' | 'f1';

/** What a figure of a class is a share of. */
const WHOLES: Readonly<Record<Figure, (c: ClassFigures) => number>> = {
  precision: ({ predicted }) => predicted,
  recall: ({ support }) => support,
  f1: ({ support, predicted }) => support + predicted,
};

/** How much a class counts. */
const SHARES = {
  macro: () => 1,
  weighted: ({ support }: ClassFigures) => support,
  micro: (c: ClassFigures, figure: Figure) => WHOLES[figure](c),
};

/**
 * Mean of a per-class figure over classes. `macro` counts every class alike, among those that are true or predicted
 * anywhere, as scikit-learn does; `weighted` counts by support; `micro` adds up the counts of all classes first, which for
 * one class a sample makes each of them the accuracy.
 */
export function averagedMetric(figure: Figure, average: keyof typeof SHARES): MetricPair {
  return defineMetric({
    name: `${figure}_${average}`,
    range: [0, 1],
    higherIsBetter: true,
    compute({ targets, probabilities, outputs }, weights) {
      const counts = confusion(targets, argmaxRows(probabilities, outputs), outputs, weights);
      const classes = perClass(counts, outputs).filter((c) => c.support > 0 || c.predicted > 0);
      const share = (c: ClassFigures): number => SHARES[average](c, figure);
      const whole = classes.reduce((sum, c) => sum + share(c), 0);
      return classes.reduce((sum, c) => sum + share(c) * c[figure], 0) / whole;
    },
  });
}
