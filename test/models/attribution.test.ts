import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FittedModel, InputKind, ModelInput, TrainingSet } from '../../contracts/model.js';
import { modelByName } from '../../models/index.js';
import { engines } from './engines.js';
import { CLASSES, ROWS, smallParams, toyInputs } from './toys.js';

/** Of the midpoint rule, in logits. */
const PATH_TOLERANCE = 2e-2;
const chosen = Int32Array.of(0, 1, 2, 3);

const toy = (kind: InputKind): TrainingSet => {
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
  return {
    input: toyInputs[kind](rows),
    targets: rows.map((row) => row % CLASSES),
    outputs: CLASSES,
    sampleWeights: new Float64Array(ROWS).fill(1),
  };
};

/** Log-odds of each row's own class against the next one. */
const contrast = Float64Array.from({ length: chosen.length * CLASSES }, (_, i) => {
  const [row, k] = [Math.floor(i / CLASSES), i % CLASSES];
  return k === row % CLASSES ? 1 : k === (row + 1) % CLASSES ? -1 : 0;
});

/** What the values add up to, and what the model itself says. */
function sums(model: FittedModel, input: ModelInput) {
  const { values, outputs, baselines } = model.attribute!(input, contrast);
  const logits = model.predictLogits(input);
  return values.map((own, row) => {
    const said = [0, 1, 2].reduce(
      (sum, k) => sum + contrast[row * CLASSES + k]! * logits[row * CLASSES + k]!,
      0,
    );
    return { added: own.reduce((a, b) => a + b, 0), outputs: outputs[row]!, baseline: baselines[row]!, said };
  });
}

describe('the linear model, taken apart', () => {
  for (const multiClass of ['softmax', 'oneVsRest'] as const) {
    it(`is exact for ${multiClass}: values and baseline add up to the output`, async () => {
      const linear = modelByName('linear');
      const fitted = await linear.fit(toy('sparse'), linear.paramsSchema.parse({ multiClass }), { seed: 1 });
      for (const { added, baseline, outputs, said } of sums(fitted, toyInputs.sparse(chosen))) {
        assert.ok(Math.abs(added + baseline - outputs) < 1e-12);
        if (multiClass === 'softmax')
          assert.ok(Math.abs(outputs - said) < 1e-6, `${outputs} against ${said}`);
      }
    });
  }
});

const networks = [
  { name: 'mlp', kind: 'sparse', more: {} },
  { name: 'lstm', kind: 'sequence', more: {} },
  { name: 'lstm', kind: 'sequence', more: { pooling: 'mean', layers: 2 } },
  { name: 'transformer', kind: 'sequence', more: {} },
  { name: 'transformer', kind: 'pair', more: { segments: 2 } },
] as const;

for (const engine of engines) {
  describe(`networks on ${engine.name}, taken apart by integrated gradients`, { skip: engine.skip }, () => {
    for (const { name, kind, more } of networks) {
      it(`are complete: ${name} of a ${kind} ${JSON.stringify(more)}`, async () => {
        const model = modelByName(name);
        const params = model.paramsSchema.parse({ ...smallParams[name], ...more });
        const fitted = await model.fit(toy(kind), params, { seed: 1, engine: await engine.open() });
        const input = toyInputs[kind](chosen);
        for (const { added, baseline, outputs, said } of sums(fitted, input)) {
          assert.ok(Math.abs(outputs - said) < 1e-4, `output ${outputs} against ${said}`);
          assert.ok(
            Math.abs(added + baseline - outputs) < PATH_TOLERANCE,
            `${added} + ${baseline} against ${outputs}`,
          );
        }
      });
    }

    it('name the token that tells the class', async () => {
      const model = modelByName('lstm');
      const params = model.paramsSchema.parse({ ...smallParams['lstm'], epochs: 40 });
      const fitted = await model.fit(toy('sequence'), params, { seed: 1, engine: await engine.open() });
      const input = toyInputs.sequence(chosen);
      assert.ok(input.kind === 'sequence');
      const { values } = fitted.attribute!(input, contrast);
      values.forEach((own, row) => {
        const telling = input.batch.tokens
          .subarray(row * 10, row * 10 + own.length)
          .indexOf(1 + (row % CLASSES));
        assert.equal(own.indexOf(Math.max(...own)), telling, `row ${row}`);
      });
    });
  });
}
