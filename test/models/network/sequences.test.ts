import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bucketLength, largest, tokenCounts, tokensOf } from '../../../models/network/sequences.js';

const batch = {
  rows: 3,
  length: 4,
  vocabulary: 9,
  tokens: Int32Array.of(5, 6, 0, 0, 0, 0, 0, 0, 7, 0, 8, 1), // 2, none, 4 tokens (a 0 within a row is no end)
};

it('a row has tokens up to its last one that is not padding', () => {
  assert.deepEqual([...tokenCounts(batch)], [2, 0, 4]);
  assert.equal(largest(tokenCounts(batch), Int32Array.of(0, 1)), 2);
});

describe('batch lengths', () => {
  const cases: [needed: number, longest: number, bucket: number][] = [
    [0, 100, 16],
    [16, 100, 16],
    [17, 100, 24],
    [25, 100, 32],
    [33, 100, 48],
    [64, 100, 64],
    [65, 100, 96],
    [97, 100, 100],
    [97, 512, 128],
    [3, 9, 9],
    [0, 0, 1],
  ];
  for (const [needed, longest, bucket] of cases) {
    it(`${needed} tokens of at most ${longest} take ${bucket}`, () =>
      assert.equal(bucketLength(needed, longest), bucket));
  }
});

it('tokens are cut or padded to the length of the batch', () => {
  const rows = Int32Array.of(2, 0);
  assert.deepEqual([...tokensOf(batch, rows, 3).data], [7, 0, 8, 5, 6, 0]);
  assert.deepEqual(tokensOf(batch, rows, 6), {
    shape: [2, 6],
    data: Int32Array.of(7, 0, 8, 1, 0, 0, 5, 6, 0, 0, 0, 0),
  });
});
