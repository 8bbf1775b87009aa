import { parseTime } from './values.js';

/** Columns that are no features: they say which rows belong together, when a row happened, on which side it is. */
export interface Roles {
  readonly group: string | undefined;
  readonly time: string | undefined;
  readonly split: { readonly column: string; readonly sides: SplitWords } | undefined;
}

/** The data's own words for the three sides. */
export interface SplitWords {
  readonly train: string;
  readonly validation: string;
  readonly test: string;
}

const GROUP = /^(user|customer|buyer|visitor|session|query|product|item|cluster|group)(_?id)?$/iu;
const SIDES: Readonly<Record<keyof SplitWords, RegExp>> = {
  train: /^train(ing)?$/iu,
  validation: /^(val(id(ation)?)?|dev(elopment)?)$/iu,
  test: /^test(ing)?$/iu,
};
const TIME_SHARE = 0.98;

/**
 * Which columns are likely to be group, time and split. A guess, by name and content, from some rows.
 *
 * @param rows cells in the order of the header
 * @param taken columns that play another part already
 */
export function inferRoles(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  taken: readonly string[],
): Roles {
  const columns = header.flatMap((name, at) => {
    if (taken.includes(name)) return [];
    const filled = rows.flatMap((row) => (row[at]?.trim() ? [row[at].trim()] : []));
    return filled.length > 0 ? [{ name, filled, values: [...new Set(filled)] }] : [];
  });
  const split = columns.flatMap(({ name, values }) => {
    const sides = sidesOf(values);
    return sides ? [{ column: name, sides }] : [];
  })[0];
  const times = columns.find(
    ({ name, filled, values }) =>
      name !== split?.column &&
      values.length > 1 &&
      filled.filter(isDate).length >= TIME_SHARE * filled.length,
  );
  const group = columns.find(
    ({ name, filled, values }) => GROUP.test(name) && values.length > 1 && values.length < filled.length,
  );
  return { group: group?.name, time: times?.name, split };
}

/** ISO dates only: whole numbers are more often counts than epochs. */
const isDate = (cell: string): boolean => /^\d{4}-/u.test(cell) && typeof parseTime(cell) === 'number';

/** The words, where all values are words for sides, and training and test rows are among them. */
function sidesOf(values: readonly string[]): SplitWords | undefined {
  const word = (side: keyof SplitWords): string | undefined =>
    values.find((value) => SIDES[side].test(value));
  const [train, test] = [word('train'), word('test')];
  const validation = word('validation') ?? 'validation';
  if (train === undefined || test === undefined) return undefined;
  return values.every((value) => [train, validation, test].includes(value))
    ? { train, validation, test }
    : undefined;
}
