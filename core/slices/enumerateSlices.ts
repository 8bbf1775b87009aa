/** A column to cut samples by, in row order. Values: all numbers or all strings; null = missing. */
export interface SliceColumn {
  readonly name: string;
  readonly values: readonly (string | number | null)[];
  /** How it is cut; by default numbers are numeric, strings with few values categorical, other strings text. */
  readonly kind?: 'categorical' | 'numeric' | 'text';
}

/** A subset of samples that a person can name. */
export interface Slice {
  readonly name: string; // `category = Rugs`, `price ≤ 9.5 and title length ≤ 3 words`
  readonly rows: Int32Array; // ascending
  /** Positions, in the same list, of the two slices that this one is the overlap of. */
  readonly parents?: readonly [number, number];
}

export interface SliceInput {
  readonly columns: readonly SliceColumn[];
  readonly minSupport: number;
  readonly pairs: boolean;
}

const CATEGORICAL_LIMIT = 100; // distinct values
const TAIL_SHARE = 0.2;
/** Where more of the values are different, they are texts (queries, one a unit), however few they are. */
const REPEATED_SHARE = 0.9;

/**
 * Every slice with enough rows, and not all of them: values of categorical columns, their tail (the rarest values that
 * together hold at most a fifth of the rows) and head, quartiles of numbers and of text lengths, missing values, and, if asked, overlaps of
 * two columns' slices. Singles come first, in column order.
 */
export function enumerateSlices({ columns, minSupport, pairs }: SliceInput): Slice[] {
  const n = columns[0]?.values.length ?? 0;
  const enough = (rows: readonly number[] | Int32Array): boolean =>
    rows.length >= minSupport && rows.length < n;
  const singles: Slice[] = [];
  const columnOf: number[] = [];
  columns.forEach((column, c) => {
    for (const [name, rows] of cut(column)) {
      if (!enough(rows)) continue;
      singles.push({ name, rows: Int32Array.from(rows) });
      columnOf.push(c);
    }
  });
  return pairs ? [...singles, ...overlaps(singles, columnOf, n, enough)] : singles;
}

function overlaps(
  singles: readonly Slice[],
  columnOf: readonly number[],
  n: number,
  enough: (rows: readonly number[]) => boolean,
): Slice[] {
  const found: Slice[] = [];
  const inFirst = new Uint8Array(n);
  singles.forEach((first, i) => {
    for (const row of first.rows) inFirst[row] = 1;
    for (let j = i + 1; j < singles.length; j++) {
      if (columnOf[j] === columnOf[i]) continue;
      const second = singles[j]!;
      const rows = [...second.rows.filter((row) => inFirst[row] === 1)];
      const isSame = rows.length === first.rows.length || rows.length === second.rows.length;
      if (!enough(rows) || isSame) continue;
      found.push({ name: `${first.name} and ${second.name}`, rows: Int32Array.from(rows), parents: [i, j] });
    }
    for (const row of first.rows) inFirst[row] = 0;
  });
  return found;
}

type NamedRows = [name: string, rows: number[]];

function cut(column: SliceColumn): NamedRows[] {
  const present: number[] = [];
  const missing: number[] = [];
  column.values.forEach((value, row) => {
    const isMissing = value === null || value === '' || (typeof value === 'number' && Number.isNaN(value));
    (isMissing ? missing : present).push(row);
  });
  return [...cutPresent(column, present), [`${column.name} is missing`, missing]];
}

function cutPresent(column: SliceColumn, present: readonly number[]): NamedRows[] {
  const { name, values } = column;
  switch (column.kind ?? inferKind(values, present)) {
    case 'numeric':
      return quartiles(name, '', present, (row) => Number(values[row]));
    case 'categorical':
      return categories(name, present, (row) => String(values[row]));
    case 'text': {
      const isSpaced =
        present.filter((row) => /\S\s+\S/u.test(String(values[row]))).length * 2 > present.length;
      const length = (text: string): number =>
        isSpaced ? text.trim().split(/\s+/u).length : [...text].length;
      const unit = isSpaced ? ' words' : ' characters';
      return quartiles(`${name} length`, unit, present, (row) => length(String(values[row])));
    }
  }
}

function inferKind(
  values: SliceColumn['values'],
  present: readonly number[],
): 'categorical' | 'numeric' | 'text' {
  if (present.every((row) => typeof values[row] === 'number')) return 'numeric';
  const distinct = new Set(present.map((row) => values[row])).size;
  const isRepeated = distinct <= REPEATED_SHARE * present.length;
  return isRepeated && distinct <= Math.max(CATEGORICAL_LIMIT, present.length / 100) ? 'categorical' : 'text';
}

function categories(name: string, present: readonly number[], valueOf: (row: number) => string): NamedRows[] {
  const rowsOf = new Map<string, number[]>();
  for (const row of present) {
    const rows = rowsOf.get(valueOf(row));
    if (rows === undefined) rowsOf.set(valueOf(row), [row]);
    else rows.push(row);
  }
  const sorted = [...rowsOf].sort(([a], [b]) => (a < b ? -1 : 1));
  const tail = new Set<string>();
  let held = 0;
  for (const [value, rows] of [...sorted].sort(([, a], [, b]) => a.length - b.length)) {
    held += rows.length;
    if (held > TAIL_SHARE * present.length) break;
    tail.add(value);
  }
  const frequencies: NamedRows[] = [
    [`${name} is rare`, present.filter((row) => tail.has(valueOf(row)))],
    [`${name} is frequent`, present.filter((row) => !tail.has(valueOf(row)))],
  ];
  const named = sorted.map(([value, rows]): NamedRows => [`${name} = ${value}`, rows]);
  return tail.size > 1 ? [...named, ...frequencies] : named;
}

function quartiles(
  name: string,
  unit: string,
  present: readonly number[],
  valueOf: (row: number) => number,
): NamedRows[] {
  if (present.length === 0) return [];
  const ascending = Float64Array.from(present, valueOf).sort();
  const at = (q: number): number => ascending[Math.ceil(q * ascending.length) - 1]!;
  const limits = [...new Set([at(0.25), at(0.5), at(0.75)])].filter((limit) => limit < ascending.at(-1)!);
  if (limits.length === 0) return []; // all alike
  const show = (value: number): string => `${Number(value.toPrecision(6))}${unit}`;
  return [...limits.keys(), limits.length].map((i): NamedRows => {
    const low = limits[i - 1] ?? -Infinity;
    const high = limits[i] ?? Infinity;
    const rows = present.filter((row) => valueOf(row) > low && valueOf(row) <= high);
    if (i === 0) return [`${name} ≤ ${show(high)}`, rows];
    if (i === limits.length) return [`${name} > ${show(low)}`, rows];
    return [`${show(low)} < ${name} ≤ ${show(high)}`, rows];
  });
}
