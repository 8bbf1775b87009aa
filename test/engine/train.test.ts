import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Network, TrainRequest } from '../../contracts/engine.js';
import { CancelledError, DivergedError, StoreError } from '../../contracts/errors.js';
import type { Checkpoint, Milestone } from '../../contracts/model.js';
import { openEngine } from './engines.js';
import { adamw, largestDifference, toyBatches, toyLstm, toyParameters, toyRequest } from './toyNetworks.js';

describe('training', () => {
  it('comes to the same weights traced and eager within 1e-6, and with wasm within 1e-4, dropout included', async (t) => {
    const traced = await openEngine(t, 'native');
    const eager = await openEngine(t, 'native', { trace: false });
    const wasm = await openEngine(t, 'wasm');
    if (!traced || !eager || !wasm) return;
    const request = toyRequest({
      epochs: 6,
      optimizer: { ...adamw, clipNorm: 0.5, schedule: 'cosine', warmup: 0.1 },
    });
    const [first, second, third] = [
      await traced.train(request),
      await eager.train(request),
      await wasm.train(request),
    ];
    assert.deepEqual([first.traced, typeof second.traced, typeof third.traced], [true, 'string', 'string']);
    assert.ok(largestDifference(first.parameters, second.parameters) < 1e-6);
    assert.ok(largestDifference(first.parameters, third.parameters) < 1e-4);
  });

  it('gives the same bits again', async (t) => {
    for (const backend of ['native', 'wasm'] as const) {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      assert.deepEqual(await engine.train(toyRequest()), await engine.train(toyRequest()));
    }
  });

  it('records a step once for every shape, and keeps the weights when a new one comes', async (t) => {
    const traced = await openEngine(t, 'native');
    const eager = await openEngine(t, 'native', { trace: false });
    if (!traced || !eager) return;
    const whole = toyBatches(40);
    const batches: TrainRequest['batches'] = {
      rows: whole.rows,
      read(rows, draw) {
        const { tokens, labels } = whole.read(rows, draw);
        const length = draw() < 0.5 ? 6 : 4;
        const data = new Int32Array(rows.length * length);
        for (let i = 0; i < data.length; i++)
          data[i] = tokens!.data[Math.floor(i / length) * 6 + (i % length)]!;
        return { tokens: { shape: [rows.length, length], data }, labels: labels! };
      },
    };
    const result = await traced.train(toyRequest({ batches }));
    assert.equal(result.traced, true);
    const want = await eager.train(toyRequest({ batches }));
    assert.ok(largestDifference(result.parameters, want.parameters) < 1e-6);
  });

  it('falls back to single operations, and says why, where a network looks at values on its way', async (t) => {
    const engine = await openEngine(t, 'native');
    if (!engine) return;
    const network: Network = {
      ...toyLstm(),
      loss(ops, parameters, inputs) {
        const loss = toyLstm().loss(ops, parameters, inputs);
        return loss.dataSync()[0]! > 100 ? ops.tf.zerosLike(loss) : loss;
      },
    };
    const result = await engine.train(toyRequest({ network }));
    assert.match(String(result.traced), /looks at the values/);
    const want = await engine.train(toyRequest({ network: toyLstm() }));
    assert.ok(largestDifference(result.parameters, want.parameters) < 1e-6);
    assert.deepEqual(
      engine.predict(network, result.parameters, toyBatches(9), 4),
      engine.predict(toyLstm(), result.parameters, toyBatches(9), 4),
    );
  });

  it('leaves what it was given as it was', async (t) => {
    const engine = await openEngine(t, 'native');
    if (!engine) return;
    const parameters = toyParameters();
    await engine.train(toyRequest({ parameters }));
    assert.deepEqual(parameters, toyParameters());
  });
});

for (const backend of ['native', 'wasm'] as const) {
  describe(`training on ${backend}`, () => {
    it('learns', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const network = toyLstm();
      const { history } = await engine.train(
        toyRequest({ network, epochs: 30, optimizer: { ...adamw, learningRate: 0.03 } }),
      );
      const { losses } = history;
      assert.equal(losses.length, 30);
      assert.ok(losses.at(-1)! < 0.4 * losses[0]!, `loss went from ${losses[0]} to ${losses.at(-1)}`);
    });

    it('with rows of weight 0 is, to the bit, training without them', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const present = [...Array(40).keys()].filter((row) => row % 3 !== 1);
      const weight = (row: number): number => 0.5 + (row % 4);
      const sampleWeights = Float64Array.from({ length: 40 }, (_, row) => (row % 3 === 1 ? 0 : weight(row)));
      const with0 = await engine.train(toyRequest({ sampleWeights }));
      const without = await engine.train(
        toyRequest({ batches: toyBatches(40, present), sampleWeights: Float64Array.from(present, weight) }),
      );
      assert.deepEqual(with0, without);
    });

    it('does not depend on the scale of the weights', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const sampleWeights = Float64Array.from({ length: 40 }, (_, row) => 1 + (row % 4));
      const once = await engine.train(toyRequest({ sampleWeights }));
      const eightfold = await engine.train(
        toyRequest({ sampleWeights: sampleWeights.map((weight) => 8 * weight) }),
      );
      assert.deepEqual(once, eightfold);
    });

    it('continues from every checkpoint to the same bits', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const judged: TrainRequest['judge'] = (_, epoch) => [0.5, 0.7, 0.6][epoch]!;
      const request = toyRequest({
        judge: judged,
        patience: 5,
        optimizer: { ...adamw, schedule: 'linear', warmup: 0.2, clipNorm: 1 },
      });
      const saved: Checkpoint[] = [];
      const checkpoint = {
        due: () => true,
        save: async (one: Checkpoint) => void saved.push(structuredClone(one)),
      };
      const want = await engine.train({ ...request, sinks: { checkpoint } });
      assert.deepEqual(
        saved.map(({ position }) => position),
        Array.from({ length: 15 }, (_, step) => step + 1),
      );
      for (const resumeFrom of [saved[0]!, saved[4]!, saved[7]!, saved[11]!, saved[14]!]) {
        assert.deepEqual(
          await engine.train({ ...request, resumeFrom }),
          want,
          `from step ${resumeFrom.position}`,
        );
      }
    });

    it('refuses a checkpoint of another model', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const resumeFrom = {
        position: 1,
        tensors: [{ name: 'position', shape: [6], data: new Float64Array(6) }],
      };
      await assert.rejects(engine.train(toyRequest({ resumeFrom })), StoreError);
    });

    it('gives the best epoch back, and stops when patience is over', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const seen: TrainRequest['parameters'][] = [];
      const values = [0.2, 0.6, 0.5, 0.6, 0.9];
      const result = await engine.train(
        toyRequest({
          epochs: 5,
          patience: 2,
          judge: (parameters, epoch) => {
            seen.push(parameters);
            return values[epoch]!;
          },
        }),
      );
      assert.equal(result.epochs, 4);
      assert.deepEqual(result.parameters, seen[1]);
      const { qualities, kept, losses } = result.history;
      assert.deepEqual([qualities, kept, losses.length], [values.slice(0, 4), 2, 4]);
    });

    it('tells the learning rate of the last step of each epoch, and hands out the epochs that are due', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const reached: Milestone[] = [];
      const milestones = {
        due: (epoch: number) => epoch !== 2,
        reached: (one: Milestone) => void reached.push(one),
      };
      const optimizer = { ...adamw, learningRate: 0.03, schedule: 'linear' as const, warmup: 0 };
      const { history, parameters } = await engine.train(toyRequest({ optimizer, sinks: { milestones } }));
      // 5 batches an epoch, 15 steps: the last steps of the epochs are 4, 9 and 14 of 0 … 14, at 1 − step/15 of the rate.
      const want = [11, 6, 1].map((left) => (0.03 * left) / 15);
      history.rates.forEach((rate, epoch) => assert.ok(Math.abs(rate - want[epoch]!) < 1e-12));
      assert.deepEqual(
        reached.map(({ epoch }) => epoch),
        [1, 3],
      );
      assert.deepEqual(reached[1]!.tensors, parameters);
      assert.ok(largestDifference(reached[0]!.tensors, parameters) > 0);
    });

    it('stops between two steps when it is asked to', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const abort = new AbortController();
      let steps = 0;
      const sinks = {
        signal: abort.signal,
        progress: () => void steps++,
        breathe: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          if (steps === 3) abort.abort();
        },
      };
      await assert.rejects(engine.train(toyRequest({ sinks })), CancelledError);
      assert.equal(steps, 3);
    });

    it('tells epoch, loss and samples per second of every step', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const told: unknown[] = [];
      await engine.train(
        toyRequest({
          sinks: {
            progress: ({ done, total, unit, figures }) => {
              told.push([done, total, unit, figures!['epoch']]);
              assert.ok(Number(figures!['loss']) > 0 && Number(figures!['samplesPerSecond']) > 0);
            },
          },
        }),
      );
      assert.deepEqual(told.slice(4, 6), [
        [5, 15, 'steps', 1],
        [6, 15, 'steps', 2],
      ]);
      assert.equal(told.length, 15);
    });

    it('ends at once when the loss is not finite, and saves no checkpoint of it', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      let steps = 0;
      const saved: Checkpoint[] = [];
      const training = engine.train(
        toyRequest({
          optimizer: { ...adamw, name: 'sgd', learningRate: 1e38, weightDecay: 0 },
          sinks: {
            progress: () => void steps++,
            checkpoint: { due: () => true, save: async (one) => void saved.push(one) },
          },
        }),
      );
      await assert.rejects(training, (error) => {
        assert.ok(error instanceof DivergedError);
        assert.equal(error.retryable, false);
        assert.match(error.message, /at step \d+ \(epoch \d+\): lower learningRate/);
        return true;
      });
      assert.ok(steps < 5);
      assert.ok(saved.every(({ tensors }) => tensors.every(({ data }) => data.every(Number.isFinite))));
    });

    it('gives the logits of all rows after every epoch to those who ask', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const dynamics: [number, Float64Array][] = [];
      const request = toyRequest({ sampleWeights: Float64Array.from({ length: 40 }, (_, row) => row % 2) });
      const { parameters } = await engine.train({
        ...request,
        sinks: { dynamics: (epoch, logits) => void dynamics.push([epoch, logits]) },
      });
      assert.deepEqual(
        dynamics.map(([epoch, { length }]) => [epoch, length]),
        [
          [1, 120],
          [2, 120],
          [3, 120],
        ],
      );
      assert.deepEqual(dynamics[2]![1], engine.predict(request.network, parameters, request.batches, 8));
    });

    it('takes a batch size above the number of rows, and a set of one row', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      for (const rows of [1, 5]) {
        const { history } = await engine.train(toyRequest({ batches: toyBatches(rows), batchSize: 64 }));
        assert.ok(history.losses.every(Number.isFinite));
      }
    });

    it('refuses a set in which nothing has a weight', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      await assert.rejects(engine.train(toyRequest({ sampleWeights: new Float64Array(40) })), RangeError);
    });
  });

  describe(`prediction on ${backend}`, () => {
    it('does not depend on the batch size', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const outputs = [1, 4, 10, 64].map((size) =>
        engine.predict(toyLstm(0.5), toyParameters(), toyBatches(10), size),
      );
      for (const output of outputs) {
        assert.equal(output.length, 30);
        output.forEach((value, i) => assert.ok(Math.abs(value - outputs[0]![i]!) < 1e-6));
      }
    });
  });

  describe(`objective on ${backend}`, () => {
    const random = (row: number): number => 0.3 + ((row * 7) % 5);
    const rows = [...Array(12).keys()];
    const weights = Float64Array.from(rows, random);
    const request = (batches: TrainRequest['batches'], sampleWeights: Float64Array) => ({
      network: toyLstm(0.5),
      parameters: toyParameters(),
      batches,
      sampleWeights,
      l2: 0.1,
    });

    it('and gradient take a row of weight 0 as absent, and a weight of 2 as the row twice', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const absent = weights.slice();
      absent[3] = 0;
      const doubled = weights.slice();
      doubled[5]! *= 2;
      const without = rows.filter((row) => row !== 3);
      const twice = [...rows, 5];
      const pairs = [
        [absent, toyBatches(12, without), Float64Array.from(without, random)],
        [doubled, toyBatches(12, twice), Float64Array.from(twice, random)],
      ] as const;
      for (const [changed, batches, own] of pairs) {
        const one = engine.objective(request(toyBatches(12), changed));
        const other = engine.objective(request(batches, own));
        assert.ok(Math.abs(one.value - other.value) < 1e-6);
        assert.ok(largestDifference(one.gradients, other.gradients) < 1e-6);
      }
    });

    it('has the gradient that finite differences give', async (t) => {
      const engine = await openEngine(t, backend);
      if (!engine) return;
      const { gradients } = engine.objective(request(toyBatches(12), weights));
      for (const [which, index] of [
        [0, 3],
        [1, 7],
        [2, 2],
        [3, 1],
        [5, 4],
      ] as const) {
        const at = (step: number): number => {
          const parameters = toyParameters();
          parameters[which]!.data[index]! += step;
          return engine.objective({ ...request(toyBatches(12), weights), parameters }).value;
        };
        const slope = (at(0.01) - at(-0.01)) / 0.02;
        assert.ok(Math.abs(slope - gradients[which]!.data[index]!) < 2e-4);
      }
    });
  });
}
