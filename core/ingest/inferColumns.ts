import type { Columns } from '../../contracts/settings.js';
import { parseNumber } from './values.js';

/** A column as a sample of its cells shows it. */
interface Profile {
  readonly name: string;
  readonly filled: readonly string[]; // cells that are not missing
  readonly distinct: number;
  readonly isNumeric: boolean;
}

/** Parts that feature columns play. */
export type FeatureParts = Pick<Columns, 'text' | 'attributes' | 'numeric' | 'categorical'>;

export interface Inference extends FeatureParts {
  readonly id: string | undefined;
  /** Columns that play no part, and why. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
}

const MOST_CATEGORIES = 100;
const CATEGORY_SHARE = 0.2; // of the sampled rows: with more distinct values than that it is text
const NUMERIC_SHARE = 0.98;
const ATTRIBUTES = /^[^:;]{1,60}:[^;]+(;[^:;]{1,60}:[^;]+)*;?$/u;

/**
 * What the columns of a table that nobody described are likely to be. A guess: whoever shows it should let it be
 * corrected.
 *
 * @param rows some rows of the table, cells in the order of the header; a few hundred are enough
 * @param taken columns that play another part already
 */
export function inferColumns(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  taken: readonly string[],
): Inference {
  const profiles = header.flatMap((name, at) => (taken.includes(name) ? [] : [profile(name, at, rows)]));
  const id = profiles.find((one) => isIdentifier(one, rows.length))?.name;
  const found: Record<keyof FeatureParts, string[]> = {
    text: [],
    attributes: [],
    numeric: [],
    categorical: [],
  };
  const ignored: { name: string; reason: string }[] = [];
  for (const one of profiles) {
    if (one.name === id) continue;
    if (one.distinct === 0) ignored.push({ name: one.name, reason: 'empty' });
    else if (one.distinct === 1 && one.filled.length === rows.length)
      ignored.push({ name: one.name, reason: 'one value only' });
    else found[partOf(one, rows.length)].push(one.name);
  }
  return { id, ...found, ignored };
}

/** Columns that look like a class: few distinct values, each several times. The likeliest first. */
export function targetCandidates(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): string[] {
  const named = (name: string): boolean => /^(label|target|class|category|intent|sentiment|y)$/iu.test(name);
  return header
    .map((name, at) => profile(name, at, rows))
    .filter(({ distinct }) => distinct >= 2 && distinct <= rows.length / 2)
    .sort((a, b) => Number(named(b.name)) - Number(named(a.name)) || a.distinct - b.distinct)
    .map(({ name }) => name);
}

function profile(name: string, at: number, rows: readonly (readonly (string | null)[])[]): Profile {
  const filled = rows.flatMap((row) => {
    const cell = row[at] ?? null;
    return cell === null || cell.trim() === '' ? [] : [cell.trim()];
  });
  const numbers = filled.filter((cell) => typeof parseNumber(cell) === 'number').length;
  return {
    name,
    filled,
    distinct: new Set(filled).size,
    isNumeric: filled.length > 0 && numbers >= NUMERIC_SHARE * filled.length,
  };
}

const isIdentifier = ({ name, filled, distinct }: Profile, rows: number): boolean =>
  /(^|[_\s-])(id|uuid|key|sku)$/iu.test(name) && distinct === rows && filled.length === rows;

function partOf({ filled, distinct, isNumeric }: Profile, rows: number): keyof FeatureParts {
  if (isNumeric) return 'numeric';
  if (filled.filter((cell) => ATTRIBUTES.test(cell)).length >= 0.9 * filled.length) return 'attributes';
  const words = filled.reduce((sum, cell) => sum + cell.split(/\s+/u).length, 0) / filled.length;
  const few = distinct <= Math.min(MOST_CATEGORIES, Math.max(2, CATEGORY_SHARE * rows));
  return few && words <= 3 ? 'categorical' : 'text';
}
