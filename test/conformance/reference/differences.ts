const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Everything in `expected` that `actual` lacks or has otherwise, as sentences that name the place. Numbers may differ by
 * the tolerance; JSON's texts "NaN", "Infinity" and "-Infinity" stand for these numbers.
 */
export function differences(actual: unknown, expected: unknown, tolerance: number, path: string): string[] {
  const wanted = asNumber(expected);
  if (wanted !== undefined) return sameNumber(actual, wanted, tolerance) ? [] : [said(path, actual, wanted)];
  if (Array.isArray(expected)) {
    const items = asArray(actual);
    if (!items) return [said(path, actual, `an array of ${expected.length}`)];
    if (items.length !== expected.length) return [`${path}: ${items.length} items, not ${expected.length}`];
    return expected.flatMap((item, i) => differences(items[i], item, tolerance, `${path}[${i}]`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [said(path, actual, 'a record')];
    const own = actual as Readonly<Record<string, unknown>>;
    return Object.entries(expected).flatMap(([key, value]) =>
      Object.hasOwn(own, key)
        ? differences(own[key], value, tolerance, `${path}.${key}`)
        : [`${path}.${key}: an output that this code does not know`],
    );
  }
  return Object.is(actual, expected) ? [] : [said(path, actual, expected)];
}

const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'string' ? NUMBERS[value] : undefined;

function asArray(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<number>)
    : undefined;
}

function sameNumber(actual: unknown, wanted: number, tolerance: number): boolean {
  if (typeof actual !== 'number') return false;
  return Object.is(actual, wanted) || Math.abs(actual - wanted) <= tolerance;
}

const said = (path: string, actual: unknown, wanted: unknown): string =>
  `${path}: ${String(actual)}, expected ${String(wanted)}`;
