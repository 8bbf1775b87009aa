import type { ColumnBatch } from '../../../contracts/table.js';
import { attributeTerms } from '../attributes.js';
import { RowBuilder, type BlockKind, type Feature, type FittedBlock } from '../block.js';
import { numberColumn, textColumn } from '../columns.js';
import { collect, type Collection } from './collection.js';
import { textComparer, TEXT_SIMILARITIES } from './textSimilarity.js';
import { groupsOf, withinGroups } from './withinGroups.js';

interface MatchSettings {
  readonly as: 'text' | 'attributes' | 'category' | 'number';
  readonly inQuery: boolean;
}

/** Compares the two columns' values of each row: a number for each name, NaN where there is nothing to compare. */
type Comparison = (batch: ColumnBatch) => Float64Array[]; // by name, (rows,)

const NAMES = {
  text: TEXT_SIMILARITIES,
  attributes: ['pairs found', 'values agree', 'values differ'],
  category: ['equal'],
  number: ['difference', 'relative difference'],
} as const satisfies Record<MatchSettings['as'], readonly string[]>;

const BELOW = ' below the best';
const RANK = ' rank';
const MISSING = 'missing';

/**
 * What two columns of a row have in common (a query and a product, two offers), and, in a table with groups, how each
 * figure stands among the rows of the query: its distance from the query's best, and its rank. (value − offset) / scale
 * by the training rows; a figure that can't be had is 0, and `missing` is 1.
 */
export const match: BlockKind<MatchSettings> = {
  kind: 'match',
  readsGroup: ranksRows,
  /** Keeps the rows. */
  learner(columns, settings) {
    const batches: ColumnBatch[] = [];
    return {
      passes: 1,
      add: (batch) => void batches.push(batch),
      block: () => fitted(batches, columns, settings),
    };
  },
  transformer(block) {
    const values = valuesOf(block);
    const { features } = block;
    return (batch) => {
      const found = values(batch);
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        features.forEach(({ offset, scale }, f) => {
          const value = (found[f]![row]! - offset) / scale;
          if (value !== 0 && !Number.isNaN(value)) rows.add(f, value);
        });
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

function fitted(
  batches: readonly ColumnBatch[],
  columns: readonly string[],
  { as, inQuery }: MatchSettings,
): FittedBlock {
  const right = columns[1]!;
  const texts = as === 'text' ? batches.flatMap((batch) => textColumn(batch, right)) : [];
  const collection = collect(texts.map((text) => text ?? ''));
  const { documents, meanLength } = collection;
  const block: FittedBlock = {
    kind: 'match',
    columns,
    settings: { as, inQuery: inQuery ? 1 : 0, documents, meanLength },
    state: stateOf(collection),
    features: termsOf(as, inQuery).map((term) => ({
      column: columns.join(' × '),
      term,
      offset: 0,
      scale: 1,
    })),
  };
  const values = batches.map(valuesOf(block));
  return {
    ...block,
    features: block.features.map((feature, f) =>
      scaled(
        feature,
        values.map((one) => one[f]!),
      ),
    ),
  };
}

const termsOf = (as: MatchSettings['as'], inQuery: boolean): string[] => {
  const names: readonly string[] = NAMES[as];
  const ranked = inQuery && (as === 'text' || as === 'attributes') ? names : [];
  return [...names, ...ranked.flatMap((name) => [name + BELOW, name + RANK]), MISSING];
};

/** Whether figures come with where they stand among the rows of the query. */
function ranksRows({ settings }: Pick<FittedBlock, 'settings'>): boolean {
  return settings['inQuery'] === 1 && ['text', 'attributes'].includes(String(settings['as']));
}

/** Values of every feature of the block, unscaled. */
function valuesOf({ columns, settings, state = [] }: FittedBlock): Comparison {
  const as = settings['as'] as MatchSettings['as']; // written by `fit`
  const compare = comparisonOf(as, columns, collectionFrom(settings, state));
  const ranks = ranksRows({ settings });
  return (batch) => {
    const own = compare(batch);
    const groups = ranks ? groupsOf(batch, 'features.match.inQuery') : [];
    const ranked = ranks
      ? own.flatMap((values) => {
          const { belowBest, rank } = withinGroups(
            values.map((value) => (Number.isNaN(value) ? 0 : value)),
            groups,
          );
          return [belowBest, rank];
        })
      : [];
    return [...own, ...ranked, own[0]!.map((value) => Number(Number.isNaN(value)))];
  };
}

function comparisonOf(
  as: MatchSettings['as'],
  [left, right]: readonly string[],
  collection: Collection,
): Comparison {
  if (as === 'number') return (batch) => differences(numberColumn(batch, left!), numberColumn(batch, right!));
  const sides = {
    text: textComparer(collection),
    attributes: compareAttributes,
    category: compareCategories,
  };
  const compare = sides[as];
  return (batch) => {
    const [lefts, rights] = [textColumn(batch, left!), textColumn(batch, right!)];
    const values = NAMES[as].map(() => new Float64Array(batch.rows).fill(NaN));
    for (let row = 0; row < batch.rows; row++) {
      const [a, b] = [lefts[row] ?? '', rights[row] ?? ''];
      if (a === '' || b === '') continue;
      compare(a, b).forEach((value, f) => (values[f]![row] = value));
    }
    return values;
  };
}

const compareCategories = (left: string, right: string): number[] => [
  Number(left.trim().toLowerCase() === right.trim().toLowerCase()),
];

/** Shares of the left list's `key=value` pairs that the right one has, and of the keys of both whose values agree or differ. */
function compareAttributes(left: string, right: string): number[] {
  const [a, b] = [attributeTerms(left), attributeTerms(right)];
  const pairs = [...a].filter((term) => term.includes('='));
  const shared = pairs.filter((term) => b.has(term.slice(0, term.indexOf('='))));
  const agreeing = shared.filter((term) => b.has(term)).length;
  const found = pairs.filter((term) => b.has(term)).length;
  return [
    pairs.length > 0 ? found / pairs.length : 0,
    shared.length > 0 ? agreeing / shared.length : 0,
    shared.length > 0 ? 1 - agreeing / shared.length : 0,
  ];
}

function differences(left: Float64Array, right: Float64Array): Float64Array[] {
  const difference = left.map((value, row) => Math.abs(value - right[row]!));
  const relative = difference.map((value, row) =>
    value === 0 ? 0 : value / Math.max(Math.abs(left[row]!), Math.abs(right[row]!)),
  );
  return [difference, relative];
}

/** Mean and population deviation of the training rows, in two passes in row order. */
function scaled(feature: Feature, parts: readonly Float64Array[]): Feature {
  if (feature.term === MISSING) return feature;
  const values = parts.flatMap((part) => [...part].filter((value) => !Number.isNaN(value)));
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length));
  return { ...feature, offset: mean, scale: deviation > 0 ? deviation : 1 };
}

const stateOf = ({ words, characters }: Collection): Feature[] =>
  Object.entries({ words, characters }).flatMap(([column, counts]) =>
    [...counts].map(([term, count]) => ({ column, term, offset: count, scale: 1 })),
  );

function collectionFrom(settings: FittedBlock['settings'], state: readonly Feature[]): Collection {
  const counts = (name: string): Map<string, number> =>
    new Map(state.flatMap(({ column, term, offset }) => (column === name ? [[term, offset] as const] : [])));
  const [documents, meanLength] = [Number(settings['documents']), Number(settings['meanLength'])];
  return { documents, meanLength, words: counts('words'), characters: counts('characters') };
}
