import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import { CancelledError } from '../../contracts/errors.js';
import type { Checkpoint, FitOptions, Model, TrainingSet } from '../../contracts/model.js';
import { modelByName, models } from '../../models/index.js';
import { engines } from '../models/engines.js';
import { CLASSES, ROWS, smallParams, toyInputs } from '../models/toys.js';

const N = ROWS;
const K = CLASSES;
const targets = Int32Array.from({ length: N }, (_, i) => i % K);

function toy(model: Model, chosen = Int32Array.from(targets.keys())): TrainingSet {
  return {
    input: toyInputs[model.input](chosen),
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

/** The first, the last, and a few between. */
function someOf<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!);
}

interface Run {
  readonly model: Model;
  readonly name: string;
  readonly open: () => Promise<Engine | undefined>;
  readonly skip: string | false;
}

/** A model that computes with an engine runs on each that is there. */
const runs = (models as readonly Model[]).flatMap((model): Run[] =>
  model.usesEngine
    ? engines.map(({ name, open, skip }) => ({ model, name: `${model.name} on ${name}`, open, skip }))
    : [{ model, name: model.name, open: () => Promise.resolve(undefined), skip: false }],
);

for (const { model, name, open, skip } of runs) {
  const params = model.paramsSchema.parse(smallParams[model.name] ?? {});
  let engine: Engine | undefined;
  const fit = (training: TrainingSet, options: Partial<FitOptions> = {}) =>
    model.fit(training, params, { seed: 1, ...(engine ? { engine } : {}), ...options });

  describe(`model ${name}`, { skip }, () => {
    before(async () => (engine = await open()));

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
      const loaded = model.load(fitted.tensors(), engine);
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
      for (const resumeFrom of someOf(saved, 4)) {
        const resumed = await fit(toy(model), { resumeFrom });
        assert.deepEqual(resumed.tensors(), whole.tensors());
        assert.deepEqual(resumed.history, whole.history);
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

    it('tells how it went, where it was trained step by step', async () => {
      const { input } = toy(model);
      const { history, staged, predictLogits } = await fit(toy(model));
      if (history) {
        const { losses, rates, kept } = history;
        assert.equal(kept, losses.length);
        assert.equal(rates.length, losses.length);
        assert.ok(losses.at(-1)! < losses[0]!);
      }
      if (staged) {
        const losses = Array.from(staged(input), (logits) => meanLoss(logits, targets));
        assert.ok(losses.length > 1 && losses.at(-1)! < losses[0]!);
        let last = new Float64Array();
        for (const logits of staged(input)) last = logits.slice();
        last.forEach((logit, at) => assert.ok(Math.abs(logit - predictLogits(input)[at]!) < 1e-9));
      }
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
