import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { ModelInput, TrainingSet } from '../../../contracts/model.js';
import { argmaxRows, logProbabilityOf } from '../../../core/probability.js';
import { trees, TreesParams } from '../../../models/trees.js';
import { flat, readFixture, Rows } from '../../readFixture.js';

const Judged = z.object({ accuracy: z.number(), logLoss: z.number() });
const Case = z.object({
  name: z.string(),
  x: Rows,
  y: z.array(z.int()),
  train: z.array(z.int()),
  randomForest: Judged,
  bagging: Judged,
  histogramGradientBoosting: Judged,
});
const { cases } = readFixture('trees/models', z.object({ cases: z.array(Case) }));
type Case = z.infer<typeof Case>;

/** Of all classes together, where a loss is reckoned: as in the fixture. */
const LEAST_PROBABILITY = 1e-2;

/** Forests differ by chance from seed to seed: means of some. */
const SEEDS = { randomForest: 5, bagging: 3, histogramGradientBoosting: 1 } as const;
type Kind = keyof typeof SEEDS;

const inputOf = (rows: readonly number[][]): ModelInput => ({
  kind: 'dense',
  matrix: { rows: rows.length, cols: rows[0]!.length, values: flat(rows) },
});

function sides({ x, y, train }: Case): { training: TrainingSet; test: ModelInput; truth: Int32Array } {
  const inTraining = new Set(train);
  const held = x.map((_, i) => i).filter((i) => !inTraining.has(i));
  const training = {
    input: inputOf(train.map((i) => x[i]!)),
    targets: Int32Array.from(train, (i) => y[i]!),
    outputs: Math.max(...y) + 1,
    sampleWeights: new Float64Array(train.length).fill(1),
  };
  return { training, test: inputOf(held.map((i) => x[i]!)), truth: Int32Array.from(held, (i) => y[i]!) };
}

async function judge(one: Case, kind: Kind): Promise<z.infer<typeof Judged>> {
  const { training, test, truth } = sides(one);
  let [accuracy, logLoss] = [0, 0];
  for (let seed = 0; seed < SEEDS[kind]; seed++) {
    const model = await trees.fit(training, TreesParams.parse({ kind, l2: 0 }), { seed });
    const logits = model.predictLogits(test);
    const guesses = argmaxRows(logits, training.outputs);
    const logs = logProbabilityOf(truth, logits, training.outputs);
    accuracy += guesses.filter((guess, i) => guess === truth[i]).length / truth.length / SEEDS[kind];
    const floor = Math.log(LEAST_PROBABILITY / training.outputs);
    logLoss -= logs.reduce((sum, log) => sum + Math.max(log, floor), 0) / truth.length / SEEDS[kind];
  }
  return { accuracy, logLoss };
}

/** A point of accuracy, but at least two of the held-out rows; losses of a few dozen errors vary by a tenth. */
const NEAR = { accuracy: 0.01, rows: 2, logLoss: 0.1, nats: 0.01 };

describe('tree models beside scikit-learn', () => {
  for (const one of cases) {
    for (const kind of ['randomForest', 'bagging', 'histogramGradientBoosting'] as const) {
      it(`do as well on ${one.name}: ${kind}`, async () => {
        const own = await judge(one, kind);
        const wanted = one[kind];
        const slack = Math.max(NEAR.accuracy, NEAR.rows / (one.y.length - one.train.length));
        const said = `${JSON.stringify(own)}, scikit-learn ${JSON.stringify(wanted)}`;
        assert.ok(own.accuracy >= wanted.accuracy - slack, said);
        assert.ok(own.logLoss <= wanted.logLoss * (1 + NEAR.logLoss) + NEAR.nats, said);
      });
    }
  }
});
