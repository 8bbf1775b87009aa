import type { ColumnProfile } from '../../contracts/drift.js';
import type { Columns } from '../../contracts/settings.js';
import { MOST_CATEGORIES } from './bins.js';

/** Words of a text column that are told apart. */
const MOST_WORDS = 100;

/** One way to look at a column. */
export interface View {
  readonly name: string;
  readonly kind: ColumnProfile['kind'];
  readonly column: string;
  /** What is looked at: the cell itself, as a number or as a text, or its words, each once a text. */
  readonly values: 'numbers' | 'texts' | 'lengths' | 'words';
  /** Bins at most that have a name. */
  readonly most: number;
}

/** Views of one column stand together: it is read once. */
export function viewsOf({ text, attributes, numeric, categorical }: Columns): View[][] {
  return [
    [category('target', 'target')],
    ...text.map((column) => [lengthOf(column), wordsOf(column)]),
    ...attributes.map((column) => [wordsOf(column)]),
    ...numeric.map((column): View[] => [
      { name: column, kind: 'numeric', column, values: 'numbers', most: 0 },
    ]),
    ...categorical.map((column) => [category(column, 'category')]),
  ];
}

const category = (column: string, kind: 'category' | 'target'): View => ({
  ...{ name: column, kind, column, values: 'texts', most: MOST_CATEGORIES },
});

const lengthOf = (column: string): View => ({
  ...{ name: `length of ${column}`, kind: 'length', column, values: 'lengths', most: 0 },
});

/** Which words are used, all rows together: every word counts once a text. */
const wordsOf = (column: string): View => ({
  ...{ name: `words of ${column}`, kind: 'words', column, values: 'words', most: MOST_WORDS },
});
