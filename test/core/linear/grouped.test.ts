import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainVectors } from '../../../core/linear/grouped.js';
import { newWorkspace } from '../../../core/linear/workspace.js';

const wave = (length: number, shift: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.sin(i + shift));

/** Groups, and lengths around the rows that one group is walked in. */
const SHAPES: readonly (readonly [number, number])[] = [
  ...[0, 1, 2, 31, 32, 33, 63, 64, 95, 1000].map((length) => [1, length] as const),
  ...[2, 3, 4, 5, 7, 8, 9, 16, 17, 77].flatMap((groups) =>
    [0, 1, 2, 13].map((rows) => [groups, groups * rows] as const),
  ),
];

for (const [groups, length] of SHAPES) {
  it(`computes by kernels what the plain loops do: ${String(groups)} groups, ${String(length)} entries`, () => {
    const workspace = newWorkspace(4 * (8 * length + 16), groups);
    const [a, b, y] = [1, 2, 3].map((shift) => wave(length, shift)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const [placedA, placedB, placedY] = [a, b, y].map((vector) => {
      const placed = workspace.vector(length);
      placed.set(vector);
      return placed;
    }) as [Float64Array, Float64Array, Float64Array];
    const scales = wave(groups, 4);
    const { vectors } = workspace;

    const same = (what: string): void => assert.deepEqual(Float64Array.from(placedY), y, what);
    vectors.addScaled(placedY, placedA, scales);
    plainVectors.addScaled(y, a, scales);
    same('addScaled');
    vectors.turn(placedY, placedA, placedB, scales);
    plainVectors.turn(y, a, b, scales);
    same('turn');
    vectors.addToRows(placedY, scales);
    plainVectors.addToRows(y, scales);
    same('addToRows');
    const [found, wanted] = [new Float64Array(groups).fill(9), new Float64Array(groups).fill(9)];
    for (const name of ['dots', 'squares'] as const) {
      vectors[name](placedA, placedB, found);
      plainVectors[name](a, b, wanted);
      assertClose(found, wanted, name);
    }
    vectors.sumRows(placedA, found);
    plainVectors.sumRows(a, wanted);
    assertClose(found, wanted, 'sumRows');
    assert.deepEqual(Float64Array.from(placedA), a, 'what is only read stays');
    assert.deepEqual(Float64Array.from(placedB), b);
    workspace.release();
  });
}

/** Sums of one group are added in another order. */
function assertClose(found: Float64Array, wanted: Float64Array, name: string): void {
  if (found.length > 1) assert.deepEqual(found, wanted, name);
  else assert.ok(Math.abs(found[0]! - wanted[0]!) < 1e-9, `${name}: ${String(found[0])}`);
}
