import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import type { InputKind, TrainingSet } from '../../contracts/model.js';
import { logSoftmaxRows } from '../../core/probability.js';
import { lstm } from '../../models/lstm.js';
import { mlp } from '../../models/mlp.js';
import type { NetworkModel } from '../../models/network.js';
import { transformer } from '../../models/transformer.js';
import { largestDifference } from './bert/fixture.js';
import { engines } from './engines.js';
import { CLASSES, smallParams, toyInputs } from './toys.js';

/** Of float32 sums in another order. */
const TOLERANCE = 2e-6;

interface Case {
  readonly name: string;
  readonly kind: InputKind;
  request(training: TrainingSet, more?: object): ReturnType<NetworkModel<unknown>['request']>;
}

const caseOf = <P>(model: NetworkModel<P>, extra: object = {}, kind = model.input): Case => ({
  name: [model.name, ...Object.values(extra).map(String), kind].join(' '),
  kind,
  request: (training, more) =>
    model.request(training, model.paramsSchema.parse({ ...smallParams[model.name], ...extra, ...more }), {
      seed: 3,
    }),
});

const cases: readonly Case[] = [
  caseOf(mlp, { labelSmoothing: 0.1 }),
  caseOf(lstm),
  caseOf(lstm, { pooling: 'mean', layers: 2 }),
  caseOf(transformer, { labelSmoothing: 0.1 }),
  caseOf(transformer, { pooling: 'cls', normalisation: 'pre' }),
  caseOf(transformer, {}, 'pair'),
];

/** Weights 0, 1 and 2 of 12 rows, and the rows as often as they weigh. */
const weights = Float64Array.of(2, 1, 0, 1, 0, 2, 1, 1, 0, 2, 1, 2);
const all = Int32Array.from(weights.keys());
const copies = Int32Array.from([...all].flatMap((row) => Array.from({ length: weights[row]! }, () => row)));
const training = (kind: InputKind, rows: Int32Array, sampleWeights: Float64Array): TrainingSet => ({
  input: toyInputs[kind](rows),
  targets: rows.map((row) => row % CLASSES),
  outputs: CLASSES,
  sampleWeights,
});

function assertSame(a: ReturnType<Engine['objective']>, b: ReturnType<Engine['objective']>): void {
  assert.ok(Math.abs(a.value - b.value) < TOLERANCE, `${a.value} is not ${b.value}`);
  assert.ok(a.gradients.some(({ data }) => data.some((value) => Math.abs(value) > 100 * TOLERANCE)));
  for (const [g, { name, data }] of a.gradients.entries()) {
    const other = b.gradients[g]!;
    assert.equal(other.name, name);
    const apart = largestDifference(data, other.data);
    assert.ok(apart < TOLERANCE, `${name}: ${apart}`);
  }
}

for (const { name: engineName, open, skip } of engines) {
  describe(`the weighted objective on ${engineName}`, { skip }, () => {
    let engine: Engine;
    before(async () => (engine = await open()));

    for (const { name, kind, request } of cases) {
      it(`of ${name} takes weight 0 for no row, and weight 2 for two`, () => {
        const ones = new Float64Array(copies.length).fill(1);
        const repeated = engine.objective(request(training(kind, copies, ones)));
        assertSame(engine.objective(request(training(kind, all, weights))), repeated);
      });
    }

    it('of smoothed labels is the cross entropy with what is spread over all classes', () => {
      const set = training('sparse', all, new Float64Array(all.length).fill(1));
      const given = { ...smallParams['mlp'], C: 1e12, labelSmoothing: 0.3 };
      const asked = mlp.request(set, mlp.paramsSchema.parse(given), { seed: 3 });
      const logits = engine.predict(asked.network, asked.parameters, asked.batches, all.length);
      const logs = logSoftmaxRows(logits, CLASSES);
      const wanted = -logs.reduce((sum, log, i) => {
        const target = Math.floor(i / CLASSES) % CLASSES === i % CLASSES;
        return sum + log * ((target ? 0.7 : 0) + 0.3 / CLASSES);
      }, 0);
      assert.ok(Math.abs(engine.objective(asked).value - wanted / all.length) < TOLERANCE);
    });

    it('of balanced classes is the mean of the classes’ own', () => {
      const [{ request, kind }] = cases as [Case];
      const rows = Int32Array.of(0, 3, 6, 1, 4, 2);
      const weak = { C: 1e12, labelSmoothing: 0 };
      const of = (some: Int32Array, more: object) =>
        engine.objective(request(training(kind, some, new Float64Array(some.length).fill(1)), more)).value;
      const perClass = [rows.subarray(0, 3), rows.subarray(3, 5), rows.subarray(5)].map((some) =>
        of(some, weak),
      );
      const mean = perClass.reduce((sum, value) => sum + value, 0) / CLASSES;
      assert.ok(Math.abs(of(rows, { ...weak, classWeights: 'balanced' }) - mean) < TOLERANCE);
      assert.ok(Math.abs(of(rows, weak) - mean) > 100 * TOLERANCE);
    });
  });
}

describe('wasm and native', { skip: engines.map(({ skip }) => skip).find(Boolean) ?? false }, () => {
  for (const { name, kind, request } of cases) {
    it(`agree on the objective of ${name} and its gradient`, async () => {
      const asked = request(training(kind, all, weights));
      const [a, b] = await Promise.all(engines.map(async ({ open }) => (await open()).objective(asked)));
      assertSame(a!, b!);
    });
  }
});
