/** Mean of some numbers; at least one. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const meanOrNull = (values: readonly number[]): number | null =>
  values.length === 0 ? null : mean(values);

/** Sample standard deviation (n − 1); null for fewer than two. */
export function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Ranks from 1, the highest value first; equal values share the mean of their ranks. */
export const ranksFromHighest = (values: readonly number[]): number[] =>
  values.map((value) => {
    const above = values.filter((other) => other > value).length;
    const equal = values.filter((other) => other === value).length;
    return above + (equal + 1) / 2;
  });

/**
 * Kendall's W: how far several judges rank the same things alike, 0 to 1, without correction for ties.
 *
 * @param table a list of ranks a judge
 * @returns null for fewer than two judges or two things
 * @source Kendall & Babington Smith, The Problem of m Rankings, 1939
 */
export function concordance(table: readonly (readonly number[])[]): number | null {
  const judges = table.length;
  const things = table[0]?.length ?? 0;
  if (judges < 2 || things < 2) return null;
  const totals = table[0]!.map((_, i) => table.reduce((sum, ranks) => sum + ranks[i]!, 0));
  const centre = mean(totals);
  const squares = totals.reduce((sum, total) => sum + (total - centre) ** 2, 0);
  return (12 * squares) / (judges ** 2 * (things ** 3 - things));
}
