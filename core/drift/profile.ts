import type { ColumnProfile, Shift } from '../../contracts/drift.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { numberColumn, textColumn } from '../features/columns.js';
import { tokenize } from '../text/tokenize.js';
import { type Bins, numericBins } from './bins.js';
import { driftLevel, jensenShannon, populationStability, stabilityByChance } from './effectSizes.js';
import { NumberTally, once, type Tally, TextTally } from './tallies.js';
import { type View, viewsOf } from './views.js';

/** Rows of a table, batch by batch, as often as they are asked for. */
export interface Rows {
  read(columns: readonly string[]): AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>;
}

export interface Distributions {
  /** Of every column that plays a part, over bins of its own. */
  readonly columns: ColumnProfile[];
  /** How each differs from the reference, over the reference's bins; largest first. */
  readonly shifts: Shift[];
}

/** Counts over bins, the last of which is for what is missing. */
export interface Binned {
  readonly labels: readonly string[];
  readonly counts: Float64Array;
}

/** What was seen of one view. */
export interface Seen {
  /** Over bins of its own. */
  readonly own: Binned;
  /** Over the reference's bins; undefined where there is none. */
  readonly change?: Pick<Bins, 'labels'> & {
    readonly reference: Float64Array;
    readonly current: Float64Array;
  };
}

/** Looks at one column after the other: of a number all values are kept meanwhile, of a text the distinct ones. */
export const profileRows = (columns: Columns, rows: Rows, reference?: Rows): Promise<Distributions> =>
  profileColumns(columns, async (views) => {
    const now = await tallied(rows, views);
    const before = reference && (await tallied(reference, views));
    return now.map((tally, i): Seen => {
      const own = tally.bins();
      const seen = { own: { labels: own.labels, counts: own.count(tally.values()) } };
      if (!before) return seen;
      const bins = before[i]!.bins();
      const reference = bins.count(before[i]!.values());
      return { ...seen, change: { labels: bins.labels, reference, current: bins.count(tally.values()) } };
    });
  });

/** @param look tells what is seen of one column, view by view */
export async function profileColumns(
  columns: Columns,
  look: (views: readonly View[]) => Promise<readonly Seen[]>,
): Promise<Distributions> {
  const found: Distributions = { columns: [], shifts: [] };
  for (const views of viewsOf(columns)) {
    const seen = await look(views);
    for (const [i, view] of views.entries()) {
      const { own, change } = seen[i]!;
      found.columns.push(profileOf(view, own));
      if (change) found.shifts.push(shiftOf(view, change, change.reference, change.current));
    }
  }
  found.shifts.sort((a, b) => b.psi - b.chance - (a.psi - a.chance));
  return found;
}

async function tallied(rows: Rows, views: readonly View[]): Promise<Tally[]> {
  const tallies = views.map(tallyOf);
  for await (const batch of rows.read([views[0]!.column])) for (const tally of tallies) tally.add(batch);
  return tallies;
}

function tallyOf({ column, values, most }: View): Tally {
  switch (values) {
    case 'numbers':
      return new NumberTally((batch) => numberColumn(batch, column));
    case 'lengths':
      return new NumberTally((batch) =>
        Float64Array.from(textColumn(batch, column), (text) => (text === null ? NaN : tokenize(text).length)),
      );
    case 'texts':
      return new TextTally((batch) => textColumn(batch, column), most);
    case 'words':
      return new TextTally((batch) => wordsIn(textColumn(batch, column)), most);
  }
}

function profileOf({ name, kind }: View, { labels, counts }: Binned): ColumnProfile {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const missing = total > 0 ? counts.at(-1)! / total : 0;
  return { name, kind, labels: [...labels], counts: [...counts], missing };
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

function* wordsIn(texts: Iterable<string | null>): Iterable<string> {
  for (const text of texts) if (text !== null) yield* new Set(tokenize(text));
}
