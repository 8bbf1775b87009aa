import type { InputKind, ModelInput, SequenceBatch } from '../../contracts/model.js';
import { seeded } from '../../core/random.js';
import { fromRows } from '../core/linear/cases.js';
import { selectRows } from '../../core/sparse.js';

/** Number of rows and classes of the toys; row i is of class i mod 3. */
export const ROWS = 60;
export const CLASSES = 3;

/** Parameters with which each network is small and learns the toys. */
export const smallParams: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  factorization: { factors: 4, learningRate: 0.3, l2: 0, epochs: 30 },
  mlp: { hidden: [8], batchSize: 16, learningRate: 0.02, epochs: 12 },
  lstm: { embedding: 6, units: 8, batchSize: 16, learningRate: 0.02, epochs: 12 },
  transformer: {
    ...{ layers: 1, width: 8, heads: 2, feedForward: 12, positions: 24 },
    ...{ batchSize: 16, learningRate: 0.02, epochs: 12 },
  },
};

/** Features that their first three tell the class of; the fourth tells nothing. */
const features = Array.from({ length: ROWS }, (_, i) =>
  [0, 1, 2, 3].map((j) => (j === i % CLASSES ? 1 : j === 3 ? ((i * 37) % 11) / 11 : 0)),
);

/** Texts of 2 to 9 tokens, one of which, 1, 2 or 3, tells the class. */
const texts = Array.from({ length: ROWS }, (_, i) => {
  const random = seeded(i, 'text');
  const tokens = Array.from({ length: 2 + random.below(8) }, () => 4 + random.below(5));
  tokens[random.below(tokens.length)] = 1 + (i % CLASSES);
  return tokens;
});

/** Rows of tokens, padded to a length. */
export function sequences(rows: readonly (readonly number[])[], length: number): SequenceBatch {
  const tokens = new Int32Array(rows.length * length);
  rows.forEach((row, i) => tokens.set(row, i * length));
  return { rows: rows.length, length, vocabulary: 9, tokens };
}

/** The toy as each kind of input. */
export const toyInputs: Readonly<Record<InputKind, (chosen: Int32Array) => ModelInput>> = {
  sparse: (chosen) => ({ kind: 'sparse', matrix: selectRows(fromRows(features), chosen) }),
  dense: (chosen) => ({
    kind: 'dense',
    matrix: {
      rows: chosen.length,
      cols: 4,
      values: Float64Array.from([...chosen].flatMap((i) => features[i]!)),
    },
  }),
  sequence: (chosen) => ({
    kind: 'sequence',
    batch: sequences(
      Array.from(chosen, (row) => texts[row]!),
      10,
    ),
  }),
  pair: (chosen) => ({
    kind: 'pair',
    first: sequences(
      Array.from(chosen, (row) => texts[row]!.slice(0, 2)),
      10,
    ),
    second: sequences(
      Array.from(chosen, (row) => texts[row]!.slice(2)),
      10,
    ),
  }),
};
