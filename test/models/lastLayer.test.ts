import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import type { Tensor } from '../../contracts/matrix.js';
import type { FittedModel, InputKind, Milestone, TrainingSet } from '../../contracts/model.js';
import { tracedStates } from '../../core/explain/tracedStates.js';
import { lstm } from '../../models/lstm.js';
import { mlp } from '../../models/mlp.js';
import type { NetworkModel } from '../../models/network.js';
import { transformer } from '../../models/transformer.js';
import { engines } from './engines.js';
import { CLASSES, ROWS, smallParams, toyInputs } from './toys.js';

/** Of float32 sums in another order. */
const TOLERANCE = 1e-5;

/** A network without dropout, of three epochs. */
interface Case {
  readonly name: string;
  readonly kind: InputKind;
  readonly head: string; // name of the last layer
  fit(engine: Engine, reached?: (one: Milestone) => void): Promise<FittedModel>;
  load(tensors: readonly Tensor[], engine: Engine): FittedModel;
  /** Gradient of −ln p(class) at a row by the last layer, of a network of these tensors. */
  gradient(engine: Engine, tensors: readonly Tensor[], row: number, code: number): number[];
}

const all = Int32Array.from({ length: ROWS }, (_, row) => row);
const toy = (kind: InputKind, rows: Int32Array, targets: Int32Array): TrainingSet => ({
  ...{ input: toyInputs[kind](rows), targets, outputs: CLASSES },
  sampleWeights: new Float64Array(rows.length).fill(1),
});
const classOf = (row: number): number => row % CLASSES;

function caseOf<P>(model: NetworkModel<P>, kind: InputKind, head: string): Case {
  const { name } = model;
  const params = model.paramsSchema.parse({ ...smallParams[name], epochs: 3, dropout: 0 });
  return {
    ...{ name, kind, head },
    fit: (engine, reached) =>
      model.fit(toy(kind, all, all.map(classOf)), params, {
        ...{ seed: 1, engine },
        ...(reached ? { sinks: { milestones: { due: (epoch) => epoch !== 2, reached } } } : {}),
      }),
    load: (tensors, engine) => model.load(tensors, engine),
    gradient(engine, tensors, row, code) {
      const set = toy(kind, Int32Array.of(row), Int32Array.of(code));
      const { network, batches, sampleWeights } = model.request(set, params, { seed: 1 });
      const parameters = tensors.filter((tensor) => tensor.name !== 'settings');
      const { gradients } = engine.objective({ network, parameters, batches, sampleWeights, l2: 0 });
      return gradients.filter((one) => one.name.startsWith(`${head}.`)).flatMap(({ data }) => [...data]);
    },
  };
}

const cases = [
  caseOf(mlp, 'sparse', 'layers.1'),
  caseOf(lstm, 'sequence', 'head'),
  caseOf(transformer, 'pair', 'head'),
];

for (const { name, open, skip } of engines) {
  describe(`the last layer of a network on ${name}`, { skip }, () => {
    for (const one of cases) {
      it(`makes its logits: ${one.name}`, async () => {
        const fitted = await one.fit(await open());
        const { features, weights, intercept } = fitted.lastLayer!(toyInputs[one.kind](all));
        assert.equal(features.rows, ROWS);
        fitted.predictLogits(toyInputs[one.kind](all)).forEach((logit, at) => {
          const [row, k] = [Math.floor(at / CLASSES), at % CLASSES];
          const own = features.values.subarray(row * features.cols, (row + 1) * features.cols);
          const sum = own.reduce((total, x, j) => total + x * weights[j * CLASSES + k]!, intercept[k]!);
          assert.ok(Math.abs(sum - logit) < TOLERANCE, `${sum} against ${logit}`);
        });
      });

      it(`is traced to what its own gradients say, over epochs that were kept: ${one.name}`, async () => {
        const engine = await open();
        const milestones: Milestone[] = [];
        const { rates } = (await one.fit(engine, (milestone) => milestones.push(milestone))).history!;
        assert.deepEqual(
          milestones.map(({ epoch }) => epoch),
          [1, 3],
        );
        const rows = Int32Array.of(0, 1, 2, 7, 10); // the last one is asked for
        const points = milestones.map(({ epoch, tensors }) => ({
          layer: one.load(tensors, engine).lastLayer!(toyInputs[one.kind](rows)),
          learningRate: rates[epoch - 1]!,
        }));
        const found = tracedStates(points, rows.subarray(0, 4).map(classOf), 2);
        for (const { row, value } of found) {
          const want = milestones.reduce((sum, { epoch, tensors }) => {
            const own = one.gradient(engine, tensors, rows[row]!, classOf(rows[row]!));
            const asked = one.gradient(engine, tensors, 10, 2);
            return sum + rates[epoch - 1]! * own.reduce((dot, slope, i) => dot + slope * asked[i]!, 0);
          }, 0);
          assert.ok(Math.abs(want - value) < TOLERANCE, `row ${rows[row]}: ${value}, by gradients ${want}`);
        }
        assert.ok(found[0]!.value > 0 && found.at(-1)!.value < 0);
      });
    }

    it('is not there where the only layer is the first', async () => {
      const params = mlp.paramsSchema.parse({ ...smallParams['mlp'], hidden: [] });
      const set = toy('sparse', all, all.map(classOf));
      assert.equal((await mlp.fit(set, params, { seed: 1, engine: await open() })).lastLayer, undefined);
    });
  });
}
