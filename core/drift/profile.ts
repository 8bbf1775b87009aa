import type { ColumnProfile, Shift } from '../../contracts/drift.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { numberColumn, textColumn } from '../features/columns.js';
import { tokenize } from '../text/tokenize.js';
import { type Bins, numericBins } from './bins.js';
import { driftLevel, jensenShannon, populationStability, stabilityByChance } from './effectSizes.js';
import { NumberTally, once, type Tally, TextTally } from './tallies.js';

/** Words of a text column that are told apart. */
const MOST_WORDS = 100;

/** One way to look at a column. */
interface View {
  readonly name: string;
  readonly kind: ColumnProfile['kind'];
  readonly column: string;
  readonly tally: () => Tally;
}

/** Rows of a table, batch by batch, as often as they are asked for. */
export interface Rows {
  read(columns: readonly string[]): AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>;
}

interface Distributions {
  /** Of every column that plays a part, over bins of its own. */
  readonly columns: ColumnProfile[];
  /** How each differs from the reference, over the reference's bins; largest first. */
  readonly shifts: Shift[];
}

/** Looks at one column after the other: of a number all values are kept meanwhile, of a text the distinct ones. */
export async function profileRows(columns: Columns, rows: Rows, reference?: Rows): Promise<Distributions> {
  const found: Distributions = { columns: [], shifts: [] };
  for (const views of viewsOf(columns)) {
    const now = await tallied(rows, views);
    const before = reference && (await tallied(reference, views));
    for (const [i, view] of views.entries()) {
      found.columns.push(profileOf(view, now[i]!));
      if (!before) continue;
      const bins = before[i]!.bins();
      found.shifts.push(shiftOf(view, bins, bins.count(before[i]!.values()), bins.count(now[i]!.values())));
    }
  }
  found.shifts.sort((a, b) => b.psi - b.chance - (a.psi - a.chance));
  return found;
}

async function tallied(rows: Rows, views: readonly View[]): Promise<Tally[]> {
  const tallies = views.map(({ tally }) => tally());
  for await (const batch of rows.read([views[0]!.column])) for (const tally of tallies) tally.add(batch);
  return tallies;
}

function profileOf({ name, kind }: View, tally: Tally): ColumnProfile {
  const { labels, count } = tally.bins();
  const counts = [...count(tally.values())];
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { name, kind, labels: [...labels], counts, missing: total > 0 ? counts.at(-1)! / total : 0 };
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
  return shiftOf(of, bins, bins.count(once(reference)), bins.count(once(current)));
};

/** Views of one column stand together: it is read once. */
function viewsOf({ text, attributes, numeric, categorical }: Columns): View[][] {
  const category = (column: string, kind: 'category' | 'target'): View[] => [
    { name: column, kind, column, tally: () => new TextTally((batch) => textColumn(batch, column)) },
  ];
  return [
    category('target', 'target'),
    ...text.map((column) => [lengthOf(column), wordsOf(column)]),
    ...attributes.map((column) => [wordsOf(column)]),
    ...numeric.map((column): View[] => [
      {
        ...{ name: column, kind: 'numeric', column },
        tally: () => new NumberTally((batch) => numberColumn(batch, column)),
      },
    ]),
    ...categorical.map((column) => category(column, 'category')),
  ];
}

const lengthOf = (column: string): View => ({
  ...{ name: `length of ${column}`, kind: 'length', column },
  tally: () =>
    new NumberTally((batch) =>
      Float64Array.from(textColumn(batch, column), (text) => (text === null ? NaN : tokenize(text).length)),
    ),
});

/** Which words are used, all rows together: every word counts once a text. */
const wordsOf = (column: string): View => ({
  ...{ name: `words of ${column}`, kind: 'words', column },
  tally: () => new TextTally((batch) => wordsIn(textColumn(batch, column)), MOST_WORDS),
});

function* wordsIn(texts: Iterable<string | null>): Iterable<string> {
  for (const text of texts) if (text !== null) yield* new Set(tokenize(text));
}
