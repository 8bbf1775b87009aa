import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError } from '../../contracts/errors.js';
import type { Checkpoint, FitOptions, Model, ModelInput, TrainingSet } from '../../contracts/model.js';
import { selectRows } from '../../core/sparse.js';
import { modelByName, models } from '../../models/index.js';
import { fromRows } from '../core/linear/cases.js';

const N = 60;
const K = 3;

/** Three classes that their first three features tell apart; the fourth tells nothing. */
const rows = Array.from({ length: N }, (_, i) =>
  [0, 1, 2, 3].map((j) => (j === i % K ? 1 : j === 3 ? ((i * 37) % 11) / 11 : 0)),
);
const targets = Int32Array.from({ length: N }, (_, i) => i % K);

/** The toy as each kind of input; a model of another kind brings its line along. */
const inputs: Partial<Record<ModelInput['kind'], (chosen: Int32Array) => ModelInput>> = {
  sparse: (chosen) => ({ kind: 'sparse', matrix: selectRows(fromRows(rows), chosen) }),
  dense: (chosen) => ({
    kind: 'dense',
    matrix: { rows: chosen.length, cols: 4, values: Float64Array.from([...chosen].flatMap((i) => rows[i]!)) },
  }),
};

function toy(model: Model, chosen = Int32Array.from(targets.keys())): TrainingSet {
  const input = inputs[model.input]?.(chosen);
  assert.ok(input, `the toy lacks inputs of kind ${model.input}`);
  return {
    input,
    targets: chosen.map((row) => targets[row]!),
    outputs: K,
    sampleWeights: new Float64Array(chosen.length).fill(1),
  };
}

function meanLoss(logits: Float64Array, codes: Int32Array): number {
  let loss = 0;
  codes.forEach((code, i) => {
    const row = logits.subarray(i * K, (i + 1) * K);
    loss += Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[code]!;
  });
  return loss / codes.length;
}

for (const model of models as readonly Model[]) {
  const params = model.paramsSchema.parse({});
  const fit = (training: TrainingSet, options: Partial<FitOptions> = {}) =>
    model.fit(training, params, { seed: 1, ...options });

  describe(`model ${model.name}`, () => {
    it('brings the loss down on a separable toy', async () => {
      const training = toy(model);
      const logits = (await fit(training)).predictLogits(training.input);
      assert.equal(logits.length, N * K);
      assert.ok(meanLoss(logits, targets) < 0.6 * Math.log(K));
    });

    it('takes a row of weight 0 for absent', async () => {
      const all = toy(model);
      const flipped = { ...all, targets: targets.map((code, i) => (i % 4 === 3 ? (code + 1) % K : code)) };
      const sampleWeights = Float64Array.from(targets, (_, i) => (i % 4 === 3 ? 0 : 1));
      const kept = Int32Array.from(targets.keys()).filter((i) => sampleWeights[i] === 1);
      const weighted = await fit({ ...flipped, sampleWeights });
      const without = await fit(toy(model, kept));
      assert.deepEqual(weighted.predictLogits(all.input), without.predictLogits(all.input));
    });

    it('predicts the same after it was saved and loaded', async () => {
      const training = toy(model);
      const fitted = await fit(training);
      const loaded = model.load(fitted.tensors());
      assert.deepEqual(loaded.predictLogits(training.input), fitted.predictLogits(training.input));
    });

    it('fits to the same bits each time', async () => {
      assert.deepEqual((await fit(toy(model))).tensors(), (await fit(toy(model))).tensors());
    });

    it('resumes from its checkpoints to the same bits', async () => {
      const saved: Checkpoint[] = [];
      const save = async (checkpoint: Checkpoint): Promise<void> => void saved.push(checkpoint);
      const whole = await fit(toy(model), { sinks: { checkpoint: { due: () => true, save } } });
      assert.ok(saved.length > 0);
      for (const resumeFrom of saved) {
        assert.deepEqual((await fit(toy(model), { resumeFrom })).tensors(), whole.tensors());
      }
    });

    it('tells its progress and logits as it goes', async () => {
      const seen: number[] = [];
      let epochs = 0;
      await fit(toy(model), {
        sinks: {
          progress: ({ done, total }) => void seen.push(done / total),
          dynamics: (_, logits) => void (epochs += Number(logits.length === N * K)),
        },
      });
      assert.ok(seen.length > 0 && epochs > 0);
      assert.ok(seen.every((share) => share >= 0 && share <= 1));
    });

    it('stops when it is told to', async () => {
      await assert.rejects(fit(toy(model), { sinks: { signal: AbortSignal.abort() } }), CancelledError);
    });

    it('names a parameter for its regularisation that its schema knows', () => {
      const { param, grid } = model.regularisation;
      assert.ok(grid.length > 1);
      for (const strength of grid) model.paramsSchema.parse({ [param]: strength });
    });
  });
}

it('names the known models when one is asked for that is not there', () => {
  assert.throws(() => modelByName('lineer'), /model\.name: expected .*linear.*, got "lineer"/);
});
