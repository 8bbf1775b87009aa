import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CancelledError, DivergedError } from '../../../contracts/errors.js';
import type { LinearTraining } from '../../../core/linear/classes.js';
import { fitLinear, stateFromTensors, stateTensors, type LinearStep } from '../../../core/linear/fit.js';
import { ABSENT, logitsOf, type LinearParameters, type Scheme } from '../../../core/linear/parameters.js';
import { selectRows } from '../../../core/sparse.js';
import { repositoryRoot } from '../../paths.js';
import { fromRows, randomTraining } from './cases.js';

const settings = (scheme: Scheme, more = {}) => ({
  C: 4,
  scheme,
  tolerance: 1e-13,
  maxIterations: 200,
  ...more,
});
const schemes: Scheme[] = ['softmax', 'oneVsRest'];
const OPTIMUM = 1e-6; // how near two fits to one optimum come, at a tolerance of 1e-13

function assertClose(found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void {
  assert.equal(found.length, wanted.length);
  for (let i = 0; i < found.length; i++) {
    assert.ok(Math.abs(found[i]! - wanted[i]!) <= within, `entry ${i}: ${found[i]} is not ${wanted[i]}`);
  }
}
const same = (a: LinearParameters, b: LinearParameters, within = OPTIMUM): void => {
  assertClose(a.weights, b.weights, within);
  assertClose(a.intercept, b.intercept, within);
};

interface Peer {
  name: string;
  outputs: number;
  C: number;
  x: number[][];
  y: number[];
  w: number[];
  coef: number[][];
  intercept: number[];
  loss: number;
  probabilities: number[][];
}
const fixture = join(repositoryRoot, 'test/fixtures/linear/sklearn.json');
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Peer[] };

describe("scikit-learn's LogisticRegression", () => {
  for (const { name, outputs, C, x, y, w, coef, intercept, loss, probabilities } of cases) {
    it(`has the same coefficients and log loss: ${name}`, async () => {
      const matrix = fromRows(x);
      const training = { matrix, targets: Int32Array.from(y), outputs, sampleWeights: Float64Array.from(w) };
      const model = await fitLinear(training, settings('softmax', { C }));
      const [d, K] = [matrix.cols, outputs];
      const vectors = K === 2 ? [coef[0]!.map((v) => -v / 2), coef[0]!.map((v) => v / 2)] : coef;
      const offsets = K === 2 ? [-intercept[0]! / 2, intercept[0]! / 2] : intercept;
      const wanted = Array.from({ length: d * K }, (_, i) => vectors[i % K]![Math.floor(i / K)]!);
      assertClose(model.weights, wanted, 1e-4);
      assertClose(model.intercept, offsets, 1e-4);
      const logits = logitsOf(model, matrix);
      const found = y.map((target, i) => {
        const row = logits.subarray(i * K, (i + 1) * K);
        const p = Math.exp(row[target]!) / row.reduce((sum, z) => sum + Math.exp(z), 0);
        assert.ok(Math.abs(p - probabilities[i]![target]!) < 1e-5);
        return -w[i]! * Math.log(p);
      });
      const mean = found.reduce((a, b) => a + b) / w.reduce((a, b) => a + b);
      assert.ok(Math.abs(mean - loss) < 1e-7);
    });
  }
});

for (const scheme of schemes) {
  describe(`fitLinear, ${scheme}`, () => {
    for (const outputs of [2, 3, 4]) {
      const training = randomTraining(outputs, 60, 8, outputs);

      it(`has a row of weight 0 absent to the last bit, ${outputs} classes`, async () => {
        const sampleWeights = training.sampleWeights.map((w, i) => (i % 5 === 4 ? 0 : w));
        const rows = Int32Array.from(sampleWeights.keys()).filter((i) => sampleWeights[i]! > 0);
        const without = {
          ...training,
          matrix: selectRows(training.matrix, rows),
          targets: rows.map((i) => training.targets[i]!),
          sampleWeights: Float64Array.from(rows, (i) => sampleWeights[i]!),
        };
        assert.deepEqual(
          await fitLinear({ ...training, sampleWeights }, settings(scheme)),
          await fitLinear(without, settings(scheme)),
        );
      });

      it(`takes a row of weight 2 for two rows, ${outputs} classes`, async () => {
        const n = training.matrix.rows;
        const rows = Int32Array.from({ length: 2 * n }, (_, i) => i % n);
        const twice: LinearTraining = {
          ...training,
          matrix: selectRows(training.matrix, rows),
          targets: rows.map((i) => training.targets[i]!),
          sampleWeights: new Float64Array(2 * n).fill(1),
        };
        const weighted = { ...training, sampleWeights: new Float64Array(n).fill(2) };
        same(await fitLinear(weighted, settings(scheme)), await fitLinear(twice, settings(scheme)));
      });

      it(`does not depend on the order of rows, ${outputs} classes`, async () => {
        const rows = Int32Array.from({ length: 60 }, (_, i) => (i * 7) % 60);
        const shuffled = {
          ...training,
          matrix: selectRows(training.matrix, rows),
          targets: rows.map((i) => training.targets[i]!),
          sampleWeights: Float64Array.from(rows, (i) => training.sampleWeights[i]!),
        };
        same(await fitLinear(training, settings(scheme)), await fitLinear(shuffled, settings(scheme)));
      });

      it(`comes to the same optimum from a warm start, ${outputs} classes`, async () => {
        const start = await fitLinear(training, settings(scheme, { C: 0.25 }));
        const warm = await fitLinear(training, settings(scheme), { start });
        same(warm, await fitLinear(training, settings(scheme)));
      });

      it(`resumes from every iteration to the same bits, ${outputs} classes`, async () => {
        const steps: LinearStep[] = [];
        const judge = (model: LinearParameters): number => -Math.abs(model.weights[0]! - 0.3);
        const withPatience = settings(scheme, { patience: 50 });
        const onStep = async (step: LinearStep): Promise<void> => void steps.push(step);
        const whole = await fitLinear(training, withPatience, { onStep, judge });
        assert.ok(steps.length > 3);
        for (const step of steps) {
          const resume = stateFromTensors(stateTensors(step.state()));
          assert.deepEqual(await fitLinear(training, withPatience, { resume, judge }), whole);
        }
      });
    }

    it('keeps the most accurate model when it stops early', async () => {
      const training = randomTraining(9, 60, 8, 3);
      const seen: LinearParameters[] = [];
      const judge = (model: LinearParameters): number => {
        seen.push(model);
        return seen.length === 2 ? 1 : 0.5;
      };
      const model = await fitLinear(training, settings(scheme, { patience: 2 }), { judge });
      assert.equal(seen.length, 4); // the second is best, two more are not better
      assert.deepEqual(model, seen[1]);
    });

    it('gives a class without rows next to no probability, and a finite logit', async () => {
      const training = { ...randomTraining(3, 60, 8, 3), outputs: 5 };
      const model = await fitLinear(training, settings(scheme));
      assert.deepEqual([...model.intercept.slice(3)], [ABSENT, ABSENT]);
      const logits = logitsOf(model, training.matrix);
      assert.ok(logits.every(Number.isFinite));
      assert.ok(logits[3]! < Math.max(...logits.subarray(0, 3)) - 10);
    });
  });
}

it('predicts the only class of the rows', async () => {
  const training = { ...randomTraining(3, 20, 4, 3), targets: new Int32Array(20).fill(1) };
  const model = await fitLinear(training, settings('softmax'));
  assert.deepEqual([...model.intercept], [ABSENT, 0, ABSENT]);
});

it('refuses rows that all have weight 0', async () => {
  const training = { ...randomTraining(3, 20, 4, 3), sampleWeights: new Float64Array(20) };
  await assert.rejects(fitLinear(training, settings('softmax')), /expected a row of positive weight/);
});

it('stops between products with the Hessian when it is told to', async () => {
  const controller = new AbortController();
  const onStep = async (): Promise<void> => controller.abort();
  const fit = fitLinear(randomTraining(1, 60, 8, 3), settings('softmax'), {
    onStep,
    signal: controller.signal,
  });
  await assert.rejects(fit, CancelledError);
});

it('says that the loss diverged when a feature is not finite', async () => {
  const training = randomTraining(1, 60, 8, 3);
  training.matrix.values[0] = Number.NaN;
  await assert.rejects(fitLinear(training, settings('softmax')), DivergedError);
});
