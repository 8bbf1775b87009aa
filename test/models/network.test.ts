import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import type { CsrMatrix } from '../../contracts/matrix.js';
import type { FitOptions, InputKind, ModelInput, SequenceBatch, TrainingSet } from '../../contracts/model.js';
import { argmaxRows } from '../../core/probability.js';
import { seeded } from '../../core/random.js';
import { lstm } from '../../models/lstm.js';
import { maskedLanguageTensors } from '../../models/maskedLanguage.js';
import { mlp } from '../../models/mlp.js';
import { readSettings, settingsTensor } from '../../models/network/settings.js';
import { transformer, TransformerSettings } from '../../models/transformer.js';
import { encoderOf } from '../../models/transformer/settings.js';
import { largestDifference } from './bert/fixture.js';
import { engines } from './engines.js';
import { CLASSES, ROWS, sequences, smallParams, toyInputs } from './toys.js';

const TOLERANCE = 1e-5;
const everyRow = Int32Array.from({ length: ROWS }, (_, row) => row);

const toy = (kind: InputKind, rows = everyRow): TrainingSet => ({
  input: toyInputs[kind](rows),
  targets: rows.map((row) => row % CLASSES),
  outputs: CLASSES,
  sampleWeights: new Float64Array(rows.length).fill(1),
});

const params = (name: 'mlp' | 'lstm' | 'transformer', more: object = {}) => ({
  ...smallParams[name],
  ...more,
});
const tinyLstm = lstm.paramsSchema.parse(params('lstm', { epochs: 1 }));
const tinyTransformer = transformer.paramsSchema.parse(params('transformer', { epochs: 1 }));

/** The same texts with more padding behind. */
function longer({ rows, length, tokens, vocabulary }: SequenceBatch, to: number): SequenceBatch {
  const padded = new Int32Array(rows * to);
  for (let row = 0; row < rows; row++)
    padded.set(tokens.subarray(row * length, (row + 1) * length), row * to);
  return { rows, length: to, vocabulary, tokens: padded };
}

const none: FitOptions = { seed: 1 };
it('a network without an engine says so', async () => {
  const missing = { name: 'MissingToolError', message: /model mlp computes with TensorFlow.*assay doctor/ };
  await assert.rejects(mlp.fit(toy('sparse'), mlp.paramsSchema.parse({}), none), missing);
  assert.throws(() => mlp.load([]), {
    name: 'StoreError',
    message: /model mlp: expected a tensor settings, got none/,
  });
});

describe('parameters', () => {
  const cases = [
    {
      name: 'heads that do not divide the width',
      given: { width: 10, heads: 4 },
      message: /divisor of the width 10, got 4/,
    },
    {
      name: 'too few positions for the texts',
      given: { positions: 5 },
      message: /positions 5, the input needs 9/,
    },
  ];
  for (const { name, given, message } of cases) {
    it(`are refused: ${name}`, () => {
      const parsed = transformer.paramsSchema.parse(params('transformer', given));
      assert.throws(() => transformer.request(toy('sequence'), parsed, none), {
        name: 'ConfigError',
        message,
      });
    });
  }

  it('each say what they mean', () => {
    for (const { name, paramsSchema } of [mlp, lstm, transformer]) {
      const { properties = {} } = paramsSchema.toJSONSchema({ io: 'input' });
      const silent = Object.entries(properties).filter(
        ([, one]) => typeof one === 'object' && !one.description,
      );
      assert.deepEqual(
        silent.map(([key]) => `${name}.${key}`),
        [],
      );
    }
  });
});

describe('inputs', () => {
  it('of another kind are refused', () => {
    const message = /expected .*, got (sparse|sequence); choose another model/;
    const refused = { name: 'ConfigError', message };
    assert.throws(() => mlp.request(toy('sequence'), mlp.paramsSchema.parse({}), none), refused);
    assert.throws(() => lstm.request(toy('sparse'), tinyLstm, none), refused);
    assert.throws(() => transformer.request(toy('sparse'), tinyTransformer, none), refused);
  });

  it('of a pair are one sequence of two segments', () => {
    const first = sequences([[4, 5], [6]], 3);
    const second = sequences([[7], [8, 4, 5]], 3);
    const training = { ...toy('pair', Int32Array.of(0, 1)), input: { kind: 'pair', first, second } as const };
    const { tokens, segments, mask } = transformer
      .request(training, tinyTransformer, none)
      .batches.read(Int32Array.of(1, 0), () => 0);
    assert.deepEqual([...tokens!.data], [6, 8, 4, 5, 0, 0, 4, 5, 7, 0, 0, 0]);
    assert.deepEqual([...segments!.data], [0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    assert.deepEqual([...mask!.data], [1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0]);
  });
});

describe('fine-tuning', () => {
  const settings = encoderOf(tinyTransformer, 9);
  const pretrained = [settingsTensor(settings), ...maskedLanguageTensors(settings, seeded(9))];

  it('starts from the pretrained encoder, whose architecture it takes, with a head of its own', () => {
    const other = transformer.paramsSchema.parse(
      params('transformer', { width: 32, layers: 3, dropout: 0.4 }),
    );
    const asked = transformer.request(toy('sequence'), other, { seed: 1, pretrained });
    const found = readSettings('transformer', TransformerSettings, asked.settings);
    assert.deepEqual(found, { ...settings, dropout: 0.4, pooling: 'mean', outputs: CLASSES });
    const shared = asked.parameters.filter((one) => pretrained.includes(one)).map(({ name }) => name);
    assert.deepEqual(
      asked.parameters.map(({ name }) => name).filter((name) => !shared.includes(name)),
      ['head.kernel', 'head.bias'],
    );
  });

  it('refuses a pretrained encoder that is not whole', () => {
    const torn = pretrained.filter(({ name }) => name !== 'layers.0.inner.kernel');
    assert.throws(
      () => transformer.request(toy('sequence'), tinyTransformer, { seed: 1, pretrained: torn }),
      {
        name: 'StoreError',
        message: /expected a pretrained layers\.0\.inner\.kernel \(8, 12\), got none/,
      },
    );
  });

  it('refuses texts with ids that the encoder does not have', () => {
    const batch = { ...sequences([[1]], 10), vocabulary: 20 };
    const training = { ...toy('sequence', Int32Array.of(0)), input: { kind: 'sequence', batch } as const };
    assert.throws(() => transformer.request(training, tinyTransformer, { seed: 1, pretrained }), {
      name: 'ConfigError',
      message: /vocabulary 9, the input needs 20/,
    });
  });
});

for (const { name: engineName, open, skip } of engines) {
  describe(`networks on ${engineName}`, { skip }, () => {
    let engine: Engine;
    before(async () => (engine = await open()));

    const readers = [
      { name: 'lstm, last state', fit: (set: TrainingSet) => lstm.fit(set, tinyLstm, { seed: 1, engine }) },
      {
        name: 'lstm, mean state',
        fit: (set: TrainingSet) => lstm.fit(set, { ...tinyLstm, pooling: 'mean' }, { seed: 1, engine }),
      },
      {
        name: 'transformer',
        fit: (set: TrainingSet) => transformer.fit(set, tinyTransformer, { seed: 1, engine }),
      },
    ];
    for (const { name, fit } of readers) {
      it(`${name}: padding changes nothing`, async () => {
        const training = toy('sequence');
        const { batch } = training.input as Extract<ModelInput, { kind: 'sequence' }>;
        const model = await fit(training);
        const padded = model.predictLogits({ kind: 'sequence', batch: longer(batch, 24) });
        assert.ok(largestDifference(model.predictLogits(training.input), padded) < TOLERANCE);
      });
    }

    it('mlp computes wide rows from their entries as narrow ones from all columns', async () => {
      const narrow = toy('sparse');
      const { matrix } = narrow.input as { matrix: CsrMatrix };
      const fitted = await mlp.fit(narrow, mlp.paramsSchema.parse(params('mlp', { epochs: 2 })), {
        seed: 1,
        engine,
      });
      const [kernel, ...others] = fitted.tensors();
      const wide = new Float32Array(1100 * 8);
      wide.set(kernel!.data);
      const settings = { features: 1100, hidden: [8], dropout: 0, outputs: CLASSES };
      const tensors = [
        { ...kernel!, shape: [1100, 8], data: wide },
        ...others.slice(0, -1),
        settingsTensor(settings),
      ];
      const same = mlp
        .load(tensors, engine)
        .predictLogits({ kind: 'sparse', matrix: { ...matrix, cols: 1100 } });
      assert.ok(largestDifference(same, fitted.predictLogits(narrow.input)) < TOLERANCE);
    });

    it('keeps the epoch that is best on the evaluation rows', async () => {
      const training = toy('sparse');
      // Evaluation rows that only an untrained network gets right more often than not: every target is wrong.
      const wrong = { ...training, targets: training.targets.map((code) => (code + 1) % CLASSES) };
      const parsed = mlp.paramsSchema.parse(params('mlp', { epochs: 40, patience: 2 }));
      const epochs: number[] = [];
      const sinks = {
        progress: ({ done, total }: { done: number; total: number }) => void epochs.push(done / total),
      };
      const stopped = await mlp.fit(training, parsed, { seed: 1, engine, evaluation: wrong, sinks });
      assert.ok(Math.max(...epochs) < 1, 'it stopped early');
      const whole = await mlp.fit(training, parsed, { seed: 1, engine });
      const wrongly = (logits: Float64Array): number =>
        argmaxRows(logits, CLASSES).filter((code, row) => code === wrong.targets[row]).length;
      assert.ok(
        wrongly(stopped.predictLogits(training.input)) > wrongly(whole.predictLogits(training.input)),
      );
    });

    it('predicts nothing for no rows', async () => {
      const model = await lstm.fit(toy('sequence'), tinyLstm, { seed: 1, engine });
      assert.equal(model.predictLogits({ kind: 'sequence', batch: sequences([], 10) }).length, 0);
    });
  });
}
