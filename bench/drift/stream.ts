import type { LabelledRows } from '../../core/adapt/step.js';
import { seeded, type Random } from '../../core/random.js';
import { fromCoo } from '../../core/sparse.js';

export const DRIFTS = ['none', 'sudden', 'gradual', 'recurring'] as const;
export type Drift = (typeof DRIFTS)[number];

export interface StreamSettings {
  readonly drift: Drift;
  readonly batches: number;
  readonly rows: number; // of a batch
  readonly seed: number;
}

export const FEATURES = 12;
export const CLASSES = 3;
/** Share of labels that are wrong at any time. */
const NOISE = 0.1;

/**
 * Batches of labelled rows, standard normal, labelled by the largest of three linear functions. What these are (the
 * concept) changes: at once in the middle (sudden), row by row over the middle half (gradual), or there and back again
 * (recurring: a, b, a, b in quarters).
 */
export function makeStream({ drift, batches, rows, seed }: StreamSettings): LabelledRows[] {
  const concepts = ['a', 'b'].map((name) => conceptOf(seeded(seed, `concept ${name}`)));
  return Array.from({ length: batches }, (_, batch) => {
    const random = seeded(seed, `batch ${batch}`);
    const share = shareOfSecond(drift, (batch + 0.5) / batches);
    return makeBatch(rows, () => concepts[random.next() < share ? 1 : 0]!, random);
  });
}

/** How likely a row follows the second concept. @param at in [0, 1], place in the stream */
function shareOfSecond(drift: Drift, at: number): number {
  switch (drift) {
    case 'none':
      return 0;
    case 'sudden':
      return Number(at > 0.5);
    case 'gradual':
      return Math.min(1, Math.max(0, (at - 0.25) * 2));
    case 'recurring':
      return Math.floor(at * 4) % 2;
  }
}

const conceptOf = (random: Random): Float64Array =>
  Float64Array.from({ length: CLASSES * FEATURES }, () => random.normal());

function makeBatch(rows: number, concept: () => Float64Array, random: Random): LabelledRows {
  const values = Float32Array.from({ length: rows * FEATURES }, () => random.normal());
  const targets = Int32Array.from({ length: rows }, (_, row) => {
    const truth = labelOf(concept(), values.subarray(row * FEATURES, (row + 1) * FEATURES));
    return random.next() < NOISE ? (truth + 1 + random.below(CLASSES - 1)) % CLASSES : truth;
  });
  const at = Int32Array.from(values.keys());
  const matrix = fromCoo(
    rows,
    FEATURES,
    at.map((p) => Math.floor(p / FEATURES)),
    at.map((p) => p % FEATURES),
    values,
  );
  return { matrix, targets };
}

function labelOf(concept: Float64Array, row: Float32Array): number {
  let [best, highest] = [0, -Infinity];
  for (let k = 0; k < CLASSES; k++) {
    const score = row.reduce((sum, value, j) => sum + value * concept[k * FEATURES + j]!, 0);
    if (score > highest) [best, highest] = [k, score];
  }
  return best;
}
