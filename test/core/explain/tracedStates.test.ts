import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tracedStates, type TracedPoint } from '../../../core/explain/tracedStates.js';

/** Two training rows and the one that is asked for, two features, two classes. */
const point = (learningRate: number, states: readonly number[], weights: readonly number[]): TracedPoint => ({
  learningRate,
  layer: {
    features: { rows: 3, cols: 2, values: Float64Array.from(states) },
    weights: Float64Array.from(weights),
    intercept: Float64Array.of(0, 0),
  },
});
const targets = Int32Array.of(0, 1);

describe('TracIn of a last layer', () => {
  it('is what is computed by hand at one moment', () => {
    // No weights yet: every p is (½, ½), so residuals p − e are (−½, ½) for class 0 and (½, −½) for class 1.
    // Asked for class 0 at (1, 2): (−½, ½). Row 0 = (1, 0) of class 0: ⟨x, z⟩ + 1 = 2, ⟨residuals⟩ = ½, so 0.1 · 2 · ½ = 0.1.
    // Row 1 = (0, 1) of class 1: (2 + 1) · −½ · 0.1 = −0.15.
    const found = tracedStates([point(0.1, [1, 0, 0, 1, 1, 2], [0, 0, 0, 0])], targets, 0);
    assert.deepEqual(
      found.map(({ row }) => row),
      [0, 1],
    );
    assert.ok(Math.abs(found[0]!.value - 0.1) < 1e-12, String(found[0]!.value));
    assert.ok(Math.abs(found[1]!.value + 0.15) < 1e-12, String(found[1]!.value));
  });

  it('adds up moments, each with its own states and learning rate', () => {
    const early = point(0.1, [1, 0, 0, 1, 1, 2], [0, 0, 0, 0]);
    const late = point(0.02, [2, 0, 0, 0, 1, 0], [Math.log(3), 0, 0, 0]);
    // Late, asked (1, 0): logits (ln 3, 0), p = (¾, ¼), residual for class 0 (−¼, ¼).
    // Row 0 = (2, 0): logits (ln 9, 0), p = (.9, .1), residual (−.1, .1): (2 + 1) · (.025 + .025) · .02 = .003.
    // Row 1 = (0, 0) of class 1: p = (½, ½), residual (½, −½): (0 + 1) · (−⅛ − ⅛) · .02 = −.005.
    const found = tracedStates([early, late], targets, 0);
    assert.ok(Math.abs(found[0]!.value - 0.103) < 1e-12, String(found[0]!.value));
    assert.ok(Math.abs(found[1]!.value + 0.155) < 1e-12, String(found[1]!.value));
  });

  it('turns round where the other class is asked for: of two, what supports one opposes the other', () => {
    const points = [point(0.1, [1, 0, 0, 1, 1, 2], [0.3, -0.2, 0.5, 0.1])];
    const [toward, against] = [tracedStates(points, targets, 0), tracedStates(points, targets, 1)];
    assert.deepEqual(
      toward.map(({ row }) => row),
      against.map(({ row }) => row).reverse(),
    );
  });
});
