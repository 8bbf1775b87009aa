import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinearTraining } from '../../../core/linear/classes.js';
import { fitLinear } from '../../../core/linear/fit.js';
import { logitsOf, type LinearParameters, type Scheme } from '../../../core/linear/parameters.js';
import { seeded } from '../../../core/random.js';
import { linear, LinearParams } from '../../../models/linear.js';
import { fromRows } from './cases.js';

const WITHIN = 0.03; // of the logits' norm

/** Rows like short texts: twelve of many features, of length 1, some of them typical of the class. */
function textLike(seed: number, rows: number, features: number, outputs: number): LinearTraining {
  const random = seeded(seed, 'text-like');
  const targets = Int32Array.from({ length: rows }, (_, i) => i % outputs);
  const x = Array.from(targets, (target) => {
    const row = new Array<number>(features).fill(0);
    for (let word = 0; word < 12; word++) {
      const typical = random.next() < 0.3;
      row[typical ? (target * 7 + random.below(12)) % features : random.below(features)] = 12 ** -0.5;
    }
    return row;
  });
  return { matrix: fromRows(x), targets, outputs, sampleWeights: new Float64Array(rows).fill(1) };
}

/** Norm of the difference of two models' logits, as a share of the second's. */
function distance(a: LinearParameters, b: LinearParameters, { matrix }: LinearTraining): number {
  const [found, wanted] = [logitsOf(a, matrix), logitsOf(b, matrix)];
  const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, z) => sum + z * z, 0));
  return norm(found.map((z, i) => z - wanted[i]!)) / norm(wanted);
}

const cases: [Scheme, number][] = [
  ['softmax', 50],
  ['oneVsRest', 50],
  ['softmax', 2],
];

describe('a path over the strengths at the default tolerance, each from the last one’s solution', () => {
  for (const [scheme, outputs] of cases) {
    it(`comes near the optimum of every strength: ${scheme}, ${outputs} classes`, async () => {
      const training = textLike(outputs, 1500, 1500, outputs);
      const { tolerance } = LinearParams.parse({});
      let start: LinearParameters | undefined;
      for (const C of linear.regularisation.grid) {
        const settings = { C, scheme, maxIterations: 200 };
        const warm = await fitLinear(training, { ...settings, tolerance }, { start });
        const optimum = await fitLinear(training, { ...settings, tolerance: 1e-12 });
        const found = distance(warm, optimum, training);
        assert.ok(found < WITHIN, `C = ${C}: ${found}`);
        if (start)
          assert.ok(distance(start, optimum, training) > WITHIN, `C = ${C}: the start is the optimum`);
        start = warm;
      }
    });
  }
});
