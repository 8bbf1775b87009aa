import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFeatures, writeFeatures } from '../../activities/featureTable.js';
import { inputRows } from '../../activities/prepared.js';
import type { ModelInput, SequenceBatch } from '../../contracts/model.js';
import { fromCoo } from '../../core/sparse.js';
import { memoryArtifacts } from '../fakes/artifacts.js';

const sequence = (rows: readonly (readonly number[])[], length: number): SequenceBatch => ({
  rows: rows.length,
  length,
  vocabulary: 50,
  tokens: Int32Array.from(rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? 0))),
});
const long = sequence(
  Array.from({ length: 5000 }, (_, i) => [1 + (i % 49)]),
  3,
);

const inputs: { name: string; rows: number; input: ModelInput }[] = [
  {
    name: 'sparse, with empty last columns and rows',
    rows: 3,
    input: {
      kind: 'sparse',
      matrix: fromCoo(3, 9, Int32Array.of(0, 1), Int32Array.of(2, 0), Float32Array.of(0.5, 2)),
    },
  },
  { name: 'a sequence', rows: 2, input: { kind: 'sequence', batch: sequence([[7, 8, 9], [3]], 4) } },
  { name: 'a sequence of many rows', rows: 5000, input: { kind: 'sequence', batch: long } },
  {
    name: 'a pair of two lengths',
    rows: 2,
    input: { kind: 'pair', first: sequence([[2, 5], [2]], 3), second: sequence([[3], [4, 4]], 2) },
  },
];

describe('stored features', () => {
  for (const { name, rows, input } of inputs) {
    it(`are read as they were written: ${name}`, async () => {
      const artifacts = memoryArtifacts();
      assert.deepEqual(await readFeatures(artifacts, await writeFeatures(artifacts, input), rows), input);
    });
  }
});

describe('rows of an input', () => {
  const parts = (input: ModelInput): SequenceBatch[] =>
    input.kind === 'pair' ? [input.first, input.second] : input.kind === 'sequence' ? [input.batch] : [];

  it('are those that were asked for, in that order, in every part', () => {
    const pair = inputs[3]!.input;
    fc.assert(
      fc.property(fc.array(fc.nat(1)), (rows) => {
        const chosen = parts(inputRows(pair, Int32Array.from(rows)));
        parts(pair).forEach(({ length, tokens, vocabulary }, p) => {
          const got = chosen[p]!;
          assert.deepEqual([got.rows, got.length, got.vocabulary], [rows.length, length, vocabulary]);
          const want = rows.flatMap((row) => [...tokens.subarray(row * length, (row + 1) * length)]);
          assert.deepEqual([...got.tokens], want);
        });
      }),
    );
  });

  it('are rows of a dense matrix', () => {
    const matrix = { rows: 3, cols: 2, values: Float64Array.of(1, 2, 3, 4, 5, 6) };
    const chosen = inputRows({ kind: 'dense', matrix }, Int32Array.of(2, 0));
    assert.deepEqual(chosen, {
      kind: 'dense',
      matrix: { rows: 2, cols: 2, values: Float64Array.of(5, 6, 1, 2) },
    });
  });
});
