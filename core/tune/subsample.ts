import { hash32 } from '../random.js';

/** What a share is taken of. */
export interface Subsampled {
  readonly ids: readonly string[]; // of all samples
  readonly targets: Int32Array; // of all samples
  readonly groups: Int32Array; // of all samples
}

/**
 * A share of the given rows, ascending, that holds every smaller share of the same seed: of each class the rows whose
 * hashed ids are least, at least one; or whole groups, where a loss needs all rows of a query.
 *
 * @param share in (0, 1]
 */
export function subsample(
  { ids, targets, groups }: Subsampled,
  rows: Int32Array,
  share: number,
  seed: number,
  whole: 'rows' | 'groups',
): Int32Array {
  if (share === 1) return rows;
  const units = new Map<string, { rank: number; stratum: number; rows: number[] }>();
  for (const row of rows) {
    const name = whole === 'rows' ? ids[row]! : `group ${groups[row]!}`;
    const unit = units.get(name) ?? { rank: hash32(name, seed), stratum: 0, rows: [] };
    if (whole === 'rows') unit.stratum = targets[row]!;
    unit.rows.push(row);
    units.set(name, unit);
  }
  const strata = new Map<number, number[][]>();
  for (const { stratum, rows: own } of [...units.values()].sort(
    (a, b) => a.rank - b.rank || a.rows[0]! - b.rows[0]!,
  ))
    strata.set(stratum, [...(strata.get(stratum) ?? []), own]);
  const kept = [...strata.values()].flatMap((held) =>
    held.slice(0, Math.max(1, Math.round(share * held.length))).flat(),
  );
  return Int32Array.from(kept).sort();
}
