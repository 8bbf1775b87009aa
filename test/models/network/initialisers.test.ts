import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../core/random.js';
import {
  glorotUniform,
  orthogonalRows,
  truncatedNormal,
  uniform,
} from '../../../models/network/initialisers.js';

const moments = (values: ArrayLike<number>) => {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  return { mean, deviation: Math.sqrt(variance), largest: Math.max(...all.map(Math.abs)) };
};

const cases = [
  {
    name: 'Glorot: uniform in ±√(6 / (30 + 70)) = ±0.245',
    tensor: glorotUniform('w', [30, 70], seeded(1)),
    deviation: Math.sqrt(6 / 100) / Math.sqrt(3),
    largest: Math.sqrt(6 / 100),
  },
  {
    name: 'uniform in ±0.05',
    tensor: uniform('w', [50, 40], 0.05, seeded(2)),
    deviation: 0.05 / Math.sqrt(3),
    largest: 0.05,
  },
  {
    name: 'normal without its tails: within 2 × 0.02, deviation 0.88 × 0.02',
    tensor: truncatedNormal('w', [50, 40], 0.02, seeded(3)),
    deviation: 0.8796 * 0.02,
    largest: 0.04,
  },
];
for (const { name, tensor, deviation, largest } of cases) {
  it(name, () => {
    const found = moments(tensor.data);
    assert.equal(tensor.data.length, tensor.shape[0]! * tensor.shape[1]!);
    assert.ok(Math.abs(found.mean) < 0.1 * deviation);
    assert.ok(Math.abs(found.deviation / deviation - 1) < 0.05);
    assert.ok(found.largest <= largest && found.largest > 0.97 * largest);
  });
}

describe('orthogonal rows', () => {
  for (const [rows, cols] of [
    [4, 16],
    [9, 9],
    [1, 5],
  ] as const) {
    it(`are of length 1 and at right angles: ${rows} of ${cols}`, () => {
      const matrix = orthogonalRows(rows, cols, seeded(4));
      for (let a = 0; a < rows; a++) {
        for (let b = 0; b < rows; b++) {
          let dot = 0;
          for (let j = 0; j < cols; j++) dot += matrix[a * cols + j]! * matrix[b * cols + j]!;
          assert.ok(Math.abs(dot - Number(a === b)) < 1e-6, `${a}·${b} = ${dot}`);
        }
      }
    });
  }
});

it('the same seed draws the same numbers', () => {
  assert.deepEqual(glorotUniform('w', [3, 4], seeded(5)), glorotUniform('w', [3, 4], seeded(5)));
});
