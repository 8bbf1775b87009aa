import { seeded } from '../../core/random.js';
import { bootstrapStatistic } from '../../core/statistics/bootstrap.js';
import type { Cell } from './cell.js';

/** A noisy cell beside the one of the same set whose labels are clean. */
interface Pair {
  readonly noisy: Cell;
  readonly clean: Cell;
}

/** The seed only cuts the folds of clean training: where its own cell is missing, another one's does as well. */
export function cleanOf(noisy: Cell, cells: readonly Cell[]): Cell | undefined {
  const cleans = cells.filter((cell) => cell.set === noisy.set && cell.rate === 0);
  return cleans.find(({ seed }) => seed === noisy.seed) ?? cleans[0];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Σ gain / Σ cost over sets and seeds: a set counts by what noise costs it. The interval resamples whole seeds.
 *
 * @param from what both are measured against: `fixed` is the whole system, `tuned` what lies beyond regularisation
 */
function pooledShare(pairs: readonly Pair[], arm: 'auto' | 'oracle', from: 'fixed' | 'tuned'): string {
  const { value, low, high } = bootstrapStatistic({
    rows: pairs.length,
    groups: Int32Array.from(pairs, ({ noisy }) => noisy.seed),
    replicates: 2000,
    random: seeded(1, 'seeds'),
    statistic: (sample) => {
      const drawn = [...sample].map((i) => pairs[i]!);
      const gain = sum(drawn.map(({ noisy }) => noisy[arm] - noisy[from]));
      return gain / sum(drawn.map(({ noisy, clean }) => clean.tuned - noisy[from]));
    },
  });
  return `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** One row for each kind and rate of noise: its name, the sets, then shares of auto and of the drop-oracle. */
export function pooledRows(cells: readonly Cell[], nameOf: (cell: Cell) => string): string[][] {
  const noises = [...new Set(cells.filter((cell) => cell.rate > 0).map(nameOf))];
  return noises.flatMap((noise) => {
    const pairs = cells.flatMap((noisy) => {
      const clean = nameOf(noisy) === noise ? cleanOf(noisy, cells) : undefined;
      return clean === undefined ? [] : [{ noisy, clean }];
    });
    if (pairs.length === 0) return [];
    const sets = [...new Set(pairs.map(({ noisy }) => noisy.set))].sort();
    const shares = (['fixed', 'tuned'] as const).flatMap((from) =>
      (['auto', 'oracle'] as const).map((arm) => pooledShare(pairs, arm, from)),
    );
    return [[noise, sets.join(', '), String(pairs.length), ...shares]];
  });
}
