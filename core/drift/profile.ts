import type { ColumnProfile, Shift } from '../../contracts/drift.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { numberColumn, textColumn } from '../features/columns.js';
import { tokenize } from '../text/tokenize.js';
import { type Bins, categoryBins, numericBins } from './bins.js';
import { driftLevel, jensenShannon, populationStability, stabilityByChance } from './effectSizes.js';

/** Words of a text column that are told apart. */
const MOST_WORDS = 100;

/** One way to look at a column: its values, and bins made of reference values. */
interface View {
  readonly name: string;
  readonly kind: ColumnProfile['kind'];
  values(table: ColumnBatch): Iterable<number | string | null>;
  bins(reference: ColumnBatch): Bins;
}

/** Distributions of every column that plays a part, over bins of its own. */
export function profileTable(table: ColumnBatch, columns: Columns): ColumnProfile[] {
  return viewsOf(columns).map(({ name, kind, values, bins }) => {
    const own = bins(table);
    const counts = [...own.count(values(table))];
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { name, kind, labels: [...own.labels], counts, missing: total > 0 ? counts.at(-1)! / total : 0 };
  });
}

/** How every column of a table differs from a reference, over the reference's bins; largest first. */
export function compareTables(reference: ColumnBatch, table: ColumnBatch, columns: Columns): Shift[] {
  const shifts = viewsOf(columns).map(({ name, kind, values, bins }) => {
    const shared = bins(reference);
    return shiftOf({ name, kind }, shared, shared.count(values(reference)), shared.count(values(table)));
  });
  return shifts.sort((a, b) => b.psi - b.chance - (a.psi - a.chance));
}

/** The change between two sets of counts over the same bins. */
export function shiftOf(
  { name, kind }: Pick<Shift, 'name' | 'kind'>,
  { labels }: Pick<Bins, 'labels'>,
  reference: Float64Array,
  current: Float64Array,
): Shift {
  const psi = populationStability(reference, current);
  const chance = stabilityByChance(reference, current);
  return {
    ...{ name, kind, labels: [...labels], reference: [...reference], current: [...current], psi, chance },
    jensenShannon: jensenShannon(reference, current),
    level: driftLevel(psi, chance),
  };
}

/** The change of a number that every row has: an importance, a probability. */
export const numericShift = (
  of: Pick<Shift, 'name' | 'kind'>,
  reference: Float64Array,
  current: Float64Array,
) => {
  const bins = numericBins(reference);
  return shiftOf(of, bins, bins.count(reference), bins.count(current));
};

function viewsOf({ text, attributes, numeric, categorical }: Columns): View[] {
  const category = (name: string, kind: 'category' | 'target', column = name): View => ({
    name,
    kind,
    values: (table) => textColumn(table, column),
    bins: (reference) => categoryBins(textColumn(reference, column)),
  });
  return [
    category('target', 'target'),
    ...text.flatMap((name) => [lengthOf(name), wordsOf(name)]),
    ...attributes.map((name) => wordsOf(name)),
    ...numeric.map((name): View => ({
      name,
      kind: 'numeric',
      values: (table) => numberColumn(table, name),
      bins: (reference) => numericBins(numberColumn(reference, name)),
    })),
    ...categorical.map((name) => category(name, 'category')),
  ];
}

function lengthOf(column: string): View {
  const values = (table: ColumnBatch): Float64Array =>
    Float64Array.from(textColumn(table, column), (text) => (text === null ? NaN : tokenize(text).length));
  return {
    name: `length of ${column}`,
    kind: 'length',
    values,
    bins: (reference) => numericBins(values(reference)),
  };
}

/** Which words are used, all rows together: every word counts once a text. */
function wordsOf(column: string): View {
  const values = (table: ColumnBatch): string[] =>
    textColumn(table, column).flatMap((text) => (text === null ? [] : [...new Set(tokenize(text))]));
  return {
    name: `words of ${column}`,
    kind: 'words',
    values,
    bins: (reference) => categoryBins(values(reference), MOST_WORDS),
  };
}
