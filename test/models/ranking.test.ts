import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import type { FittedModel, Loss, Model, TrainingSet } from '../../contracts/model.js';
import { fromCoo } from '../../core/sparse.js';
import { seeded } from '../../core/random.js';
import { taskOf } from '../../core/tasks/index.js';
import { linear } from '../../models/linear.js';
import { lstm } from '../../models/lstm.js';
import { mlp } from '../../models/mlp.js';
import { transformer } from '../../models/transformer.js';
import { trees } from '../../models/trees.js';
import { engines, type TestedEngine } from './engines.js';
import { smallParams } from './toys.js';

const QUERIES = 40;
const ITEMS = 10;
const K = 3;

/** Grades follow the first feature inside a query; every query adds an offset of its own to it. */
function toy(seed: number, queries = QUERIES): TrainingSet {
  const random = seeded(seed, 'toy');
  const n = queries * ITEMS;
  const [row, column, value]: [number[], number[], number[]] = [[], [], []];
  const targets = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const quality = random.below(100) / 100;
    targets[i] = Math.floor(quality * K);
    const query = Math.floor(i / ITEMS);
    [quality + ((query * 7) % 5), random.below(100) / 100].forEach((one, j) => {
      row.push(i);
      column.push(j);
      value.push(one);
    });
  }
  return {
    input: {
      kind: 'sparse',
      matrix: fromCoo(n, 2, Int32Array.from(row), Int32Array.from(column), Float32Array.from(value)),
    },
    targets,
    outputs: K,
    sampleWeights: new Float64Array(n).fill(1),
    groups: Int32Array.from(targets.keys(), (i) => Math.floor(i / ITEMS)),
  };
}

const ranking = taskOf('ranking');
const losses: Loss[] = [{ kind: 'rankNet' }, { kind: 'lambdaRank', depth: 10 }];

/** As many as a network learns of in a moment. */
const few = (seed: number): TrainingSet => toy(seed, 12);

/** The same grades, told by one token of each text; the others tell nothing. */
function texts(seed: number): TrainingSet {
  const set = few(seed);
  const random = seeded(seed, 'texts');
  const length = 6;
  const tokens = Int32Array.from({ length: set.targets.length * length }, () => 4 + random.below(5));
  set.targets.forEach((grade, row) => (tokens[row * length + random.below(length)] = 1 + grade));
  const batch = { rows: set.targets.length, length, vocabulary: 9, tokens };
  return { ...set, input: { kind: 'sequence', batch } };
}

/** Pairs of query and product: a product is as good as the words of the query that it has. */
function pairs(seed: number): TrainingSet {
  const set = toy(seed, 40);
  const random = seeded(seed, 'pairs');
  const [words, filler] = [6, 4]; // of the query, 4 to 9; of any product, 10 to 13
  const length = 4;
  const first = new Int32Array(set.targets.length * length);
  const second = new Int32Array(set.targets.length * length);
  set.targets.forEach((grade, row) => {
    const query = Math.floor(row / ITEMS);
    const asked = [4 + (query % words), 4 + ((query + 1 + (query % 3)) % words)];
    first.set(asked, row * length);
    const others = Array.from({ length: 2 - grade }, () => 4 + words + random.below(filler));
    second.set(random.shuffle([...asked.slice(0, grade), ...others]), row * length);
  });
  const batch = (tokens: Int32Array) => ({ rows: set.targets.length, length, vocabulary: 14, tokens });
  return { ...set, input: { kind: 'pair', first: batch(first), second: batch(second) } };
}

interface Case {
  readonly model: Model;
  readonly params: object;
  readonly make?: (seed: number) => TrainingSet;
  readonly engine?: TestedEngine;
}

/** Text in networks is slow by wasm. */
const fastest = engines.findLast(({ skip }) => skip === false)!;
const quick = { learningRate: 0.05, batchSize: 40, epochs: 10 };

const models: Case[] = [
  { model: linear as Model, params: { C: 16 } },
  { model: trees as Model, params: { trees: 40, minSamplesLeaf: 5 } },
  ...engines.map((engine): Case => {
    const params = { ...smallParams['mlp'], learningRate: 0.1, batchSize: 40, epochs: 15, C: 1000 };
    return { model: mlp as Model, params, make: few, engine };
  }),
  { model: lstm as Model, params: { ...smallParams['lstm'], ...quick }, make: texts, engine: fastest },
  {
    model: transformer as Model,
    params: { ...smallParams['transformer'], ...quick },
    make: texts,
    engine: fastest,
  },
  {
    model: transformer as Model,
    params: { ...smallParams['transformer'], ...quick, segments: 2 },
    make: pairs,
    engine: fastest,
  },
];

for (const { model, params, make = toy, engine } of models) {
  for (const loss of losses) {
    describe(
      `${model.name} by ${loss.kind}${engine ? `, computed by ${engine.name}` : ''}`,
      { skip: engine?.skip ?? false },
      () => {
        let opened: Engine | undefined;
        let fitted: FittedModel;
        before(async () => {
          opened = await engine?.open();
          fitted = await fit({ ...make(1), loss });
        });
        const options = () => ({ seed: 1, ...(opened ? { engine: opened } : {}) });
        const fit = (set: TrainingSet, more: object = {}) =>
          model.fit(set, model.paramsSchema.parse({ ...params, ...more }), options());
        const short = engine ? { epochs: 2 } : {};
        const ndcg = (set: TrainingSet, values: Float64Array): number => {
          const judged = {
            ...set,
            groups: set.groups!,
            logits: { rows: set.targets.length, cols: K, values },
          };
          return ranking.measure(['ndcg@10'], judged)()[0]!;
        };
        it('ranks the items of queries that it never saw', () => {
          const other = make(2);
          const found = ndcg(other, fitted.predictLogits(other.input));
          assert.ok(found > 0.95, `NDCG@10 ${found}`);
        });
        it('predicts the same after it was stored', () => {
          const set = make(1);
          const [expected, found] = [fitted, model.load(fitted.tensors(), opened)].map((one) =>
            one.predictLogits(set.input),
          );
          assert.ok(
            found!.every((value, i) => value === expected![i]),
            'other logits',
          );
        });
        it('takes a query of weight 0 as absent', async () => {
          const set = { ...make(1), loss };
          const cut = 0.75 * set.targets.length;
          const weights = set.sampleWeights.map((_, i) => (i < cut ? 1 : 0));
          const shuffled = set.targets.map((grade, i) => (i < cut ? grade : (grade + 1) % K));
          const one = await fit({ ...set, sampleWeights: weights }, short);
          const two = await fit({ ...set, sampleWeights: weights, targets: shuffled }, short);
          const [expected, found] = [one, two].map((fitted) => fitted.predictLogits(set.input));
          assert.ok(
            found!.every((value, i) => value === expected![i]),
            'other logits',
          );
        });
        it('asks for the queries', async () => {
          const { groups: _, ...set } = make(1);
          await assert.rejects(fit({ ...set, loss }), /expected the query of each of \d+ rows, got none/);
        });
      },
    );
  }
}

describe('a network that learns from pairs', () => {
  const { open } = engines[0]!;
  const set = few(1);
  const loss: Loss = { kind: 'rankNet' };
  const fit = async (given: TrainingSet, more: object = {}) =>
    mlp.fit(given, mlp.paramsSchema.parse({ ...smallParams['mlp'], epochs: 1, ...more }), {
      seed: 1,
      engine: await open(),
    });

  it('gives logits of grades: the shares of grades for a score of 0, in steps as even as the grades', async () => {
    const fitted = await fit({ ...set, loss });
    const logits = fitted.predictLogits(set.input);
    const shares = [0, 1, 2].map(
      (grade) => set.targets.filter((one) => one === grade).length / set.targets.length,
    );
    for (let row = 0; row < 5; row++) {
      const [a, b, c] = shares.map((share, k) => logits[row * K + k]! - Math.log(share));
      assert.ok(Math.abs(a!) < 1e-6 && Math.abs(c! - 2 * b!) < 1e-5, `${a} ${b} ${c}`);
    }
  });

  it('tells what its inputs add to the grade, outputs and baselines in logits', async () => {
    const fitted = await fit({ ...set, loss });
    const { input } = toy(2, 1);
    const contrast = Float64Array.from({ length: ITEMS * K }, (_, at) => (at % K) - 1); // −1, 0, 1
    const { values, outputs, baselines } = fitted.attribute!(input, contrast);
    const logits = fitted.predictLogits(input);
    for (let row = 0; row < ITEMS; row++) {
      assert.ok(Math.abs(outputs[row]! - (logits[row * K + 2]! - logits[row * K]!)) < 1e-4);
      const sum = values[row]!.reduce((all, one) => all + one, 0);
      assert.ok(Math.abs(outputs[row]! - baselines[row]! - sum) < 0.02);
    }
  });

  const cases = [
    {
      name: 'smoothed labels',
      given: { ...set, loss },
      more: { labelSmoothing: 0.1 },
      message: /labelSmoothing is of cross entropy, and rankNet has no classes/,
    },
    {
      name: 'balanced classes',
      given: { ...set, loss },
      more: { classWeights: 'balanced' },
      message: /classWeights is of cross entropy/,
    },
    {
      name: 'queries of one grade',
      given: { ...set, loss, targets: new Int32Array(set.targets.length) },
      message: /no query has rows of different grades/,
    },
    {
      name: 'a query of more rows than it can compare',
      given: bigQuery(),
      message: /at most 512 rows; the largest query has 600.*task\.loss: pointwise/,
    },
  ];
  for (const { name, given, more, message } of cases)
    it(`refuses ${name}`, async () => {
      await assert.rejects(fit(given, more), { name: 'ConfigError', message });
    });

  function bigQuery(): TrainingSet {
    const n = 600;
    const column = new Int32Array(n);
    const matrix = fromCoo(
      n,
      2,
      Int32Array.from({ length: n }, (_, i) => i),
      column,
      new Float32Array(n).fill(1),
    );
    const targets = Int32Array.from({ length: n }, (_, i) => i % K);
    return {
      input: { kind: 'sparse', matrix },
      targets,
      outputs: K,
      sampleWeights: new Float64Array(n).fill(1),
      groups: new Int32Array(n),
      loss,
    };
  }
});
