import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerScript, python } from '../peer.js';

/** Rows to learn from and rows to predict. */
export interface Side {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

type Cells = readonly (string | null)[];

/** What scikit-learn is given of a recipe: see baselines.py. */
export type BaselineJob =
  | {
      readonly kind: 'text';
      readonly texts: Cells;
      readonly analyzer: 'words' | 'characters';
      readonly minDocumentFrequency: number;
      readonly C: number;
    }
  | {
      readonly kind: 'pairs';
      readonly pairs: readonly (readonly [Cells, Cells])[];
      readonly numbers?: readonly (readonly [Cells, Cells])[];
    }
  | { readonly kind: 'numbers'; readonly matrix: readonly (readonly number[])[] };

/** Logits (held-out rows × K, row-major) of each side, from scikit-learn's probabilities. */
export function baselineLogits(
  job: BaselineJob,
  targets: Int32Array,
  sides: readonly Side[],
): Float64Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'assay-baseline-'));
  try {
    const [asked, answered] = [join(folder, 'job.json'), join(folder, 'out.json')];
    const lists = sides.map(({ training, heldOut }) => ({ training: [...training], heldOut: [...heldOut] }));
    writeFileSync(asked, JSON.stringify({ ...job, targets: [...targets], sides: lists }));
    execFileSync(python, [peerScript('recipes/baselines.py'), asked, answered], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const found = JSON.parse(readFileSync(answered, 'utf8')) as number[][][];
    return found.map((rows) => Float64Array.from(rows.flat(), (p) => Math.log(Math.max(p, 1e-12))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
