import type { CsrMatrix } from '../../../contracts/matrix.js';
import type { LinearTraining } from '../../../core/linear/classes.js';
import { seeded } from '../../../core/random.js';

/** Sparse matrix of dense rows. */
export function fromRows(rows: readonly (readonly number[])[]): CsrMatrix {
  const entries = rows.map((row) =>
    row.flatMap((value, col) => (value === 0 ? [] : [[col, value] as const])),
  );
  const indptr = new Int32Array(rows.length + 1);
  entries.forEach((row, i) => (indptr[i + 1] = indptr[i]! + row.length));
  return {
    rows: rows.length,
    cols: rows[0]?.length ?? 0,
    indptr,
    indices: Int32Array.from(entries.flatMap((row) => row.map(([col]) => col))),
    values: Float32Array.from(entries.flatMap((row) => row.map(([, value]) => value))),
  };
}

/** Random rows of about one non-zero in two; the class is mostly the largest of the first K features. */
export function randomTraining(
  seed: number,
  rows: number,
  features: number,
  outputs: number,
): LinearTraining {
  const random = seeded(seed, 'linear cases');
  const x = Array.from({ length: rows }, () =>
    Array.from({ length: features }, () => (random.next() < 0.5 ? 0 : random.normal())),
  );
  const targets = x.map((row, i) => {
    if (i < outputs) return i; // every class has a row
    if (random.next() < 0.2) return random.below(outputs);
    const first = row.slice(0, outputs);
    return first.indexOf(Math.max(...first));
  });
  return {
    matrix: fromRows(x),
    targets: Int32Array.from(targets),
    outputs,
    sampleWeights: Float64Array.from(targets, () => 0.25 + random.next()),
  };
}
