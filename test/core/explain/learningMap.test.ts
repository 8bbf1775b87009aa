import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dynamicsMap, outOfFoldMap } from '../../../core/explain/learningMap.js';

describe('the map of samples', () => {
  it('places out-of-fold predictions by margin and by the probability of the label', () => {
    // three classes; labels 0, 0, 1: easy, ambiguous, sure of another class
    const probabilities = Float64Array.of(0.9, 0.06, 0.04, 0.4, 0.35, 0.25, 0.8, 0.1, 0.1);
    const map = outOfFoldMap(probabilities, Int32Array.of(0, 0, 1), 3, 1);
    assert.deepEqual(map.points, [
      [0.84, 0.9, 1],
      [0.05, 0.4, 1],
      [0.7, 0.1, 0],
    ]);
    assert.deepEqual(map.regions, { easy: 1 / 3, hard: 1 / 3, ambiguous: 1 - 1 / 3 - 1 / 3 });
  });

  it('keeps the ids of samples beside their places', () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0.2, 0.8);
    const map = outOfFoldMap(probabilities, Int32Array.of(0, 1), 2, 1, (row) => `sku-${row}`);
    assert.deepEqual(
      map.points.map(([, , , id]) => id),
      ['sku-0', 'sku-1'],
    );
  });

  it('places training dynamics by variability and confidence', () => {
    const map = dynamicsMap(
      {
        confidence: Float64Array.of(0.95, 0.5, 0.1),
        variability: Float64Array.of(0.02, 0.3, 0.05),
        correctness: Float64Array.of(1, 0.5, 0.2),
      },
      1,
    );
    assert.equal(map.kind, 'dynamics');
    assert.deepEqual(map.points, [
      [0.02, 0.95, 1],
      [0.3, 0.5, 0.5],
      [0.05, 0.1, 0.2],
    ]);
    assert.deepEqual([map.regions.easy, map.regions.hard], [1 / 3, 1 / 3]);
  });

  it('draws a sample of many, the same for the same seed, and counts all', () => {
    const rows = 4000;
    const probabilities = Float64Array.from({ length: 2 * rows }, (_, i) => {
      const p = Math.floor(i / 2) / rows;
      return i % 2 === 0 ? p : 1 - p;
    });
    const of = (seed: number) => outOfFoldMap(probabilities, new Int32Array(rows), 2, seed);
    assert.equal(of(1).points.length, 1000);
    assert.equal(of(1).samples, rows);
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1).points, of(2).points);
    const mean = of(1).points.reduce((sum, [, y]) => sum + y, 0) / 1000;
    assert.ok(Math.abs(mean - 0.5) < 0.03, `drawn evenly: mean ${mean}`);
  });
});
