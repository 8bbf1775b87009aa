import { z } from 'zod';
import type { CsrMatrix } from '../../../contracts/matrix.js';
import { fromCoo } from '../../../core/sparse.js';
import { readFixture, Rows } from '../../readFixture.js';

const Numbers = z.array(z.number());
const Reduced = z.object({ scales: Numbers, rows: Rows });

/** What scikit-learn makes of two small tables; made by test/fixtures/reduction/make.py. */
export const { cases } = readFixture(
  'reduction/sklearn',
  z.object({
    sklearn: z.string(),
    cases: z.array(
      z.object({
        name: z.string(),
        x: Rows,
        y: Numbers,
        outputs: z.int(),
        chi2: Numbers,
        mutual_info: Numbers,
        svd: Reduced,
        pca: Reduced,
        lda: z.object({ ratio: Numbers, rows: Rows }),
      }),
    ),
  }),
);

/** A dense table as a sparse matrix. */
export function sparse(rows: readonly (readonly number[])[]): CsrMatrix {
  const entries = rows.flatMap((row, i) => row.flatMap((value, j) => (value === 0 ? [] : [{ i, j, value }])));
  return fromCoo(
    rows.length,
    rows[0]!.length,
    Int32Array.from(entries, ({ i }) => i),
    Int32Array.from(entries, ({ j }) => j),
    Float32Array.from(entries, ({ value }) => value),
  );
}

/** What a method learns from. */
export const inputOf = ({ x, y, outputs }: (typeof cases)[number], seed = 1) => ({
  matrix: sparse(x),
  targets: Int32Array.from(y),
  outputs,
  seed,
});
