import { createEngine } from '../engine/createEngine.js';
import type { Batches, Engine, Network, OptimizerSettings } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import { seeded } from '../core/random.js';
import { findTensorflow } from '../infra/tensorflow/findTensorflow.js';
import { lstm } from '../models/lstm.js';
import { maskedLanguageModel, maskedLanguageTensors } from '../models/maskedLanguage.js';
import { transformer } from '../models/transformer.js';
import { median } from './peer.js';

// One measurement of the engine, in a process of its own: node bench/engineTrial.ts TASK MODE THREADS STEPS [DEVICE]

interface Task {
  readonly network: Network;
  readonly parameters: readonly Tensor[];
  readonly batches: Batches;
  readonly batchSize: number;
}

const WARM = 4;
/** As Keras and PyTorch are told: only decay differs between the two by default. */
const OPTIMIZER: OptimizerSettings = {
  name: 'adamw',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  weightDecay: 0.01,
  momentum: 0,
  clipNorm: null,
  schedule: 'constant',
  warmup: 0,
};
const BERT = {
  vocabulary: 8000,
  positions: 64,
  segments: 2,
  layers: 4,
  width: 256,
  heads: 4,
  feedForward: 1024,
  normalisation: 'post',
  gelu: 'erf',
  epsilon: 1e-12,
  dropout: 0.1,
} as const;
const MASKED = 10; // of 64 tokens

const random = seeded(1, 'bench.engine');
const ids = (size: number, below: number): Int32Array =>
  Int32Array.from({ length: size }, () => 1 + random.below(below - 1));

/** The model's own way of reading rows: sequences of `length` tokens in two classes. */
function classifier(
  model: typeof lstm | typeof transformer,
  params: object,
  rows: number,
  length: number,
  vocabulary: number,
): Task {
  const training = {
    input: { kind: 'sequence', batch: { rows, length, vocabulary, tokens: ids(rows * length, vocabulary) } },
    targets: Int32Array.from({ length: rows }, () => random.below(2)),
    outputs: 2,
    sampleWeights: new Float64Array(rows).fill(1),
  } as const;
  const ask = model.request as (...args: [typeof training, unknown, { seed: number }]) => Task;
  return ask(training, model.paramsSchema.parse(params), { seed: 1 });
}

function masked(rows: number): Task {
  const { positions: length, vocabulary } = BERT;
  const tokens = ids(rows * length, vocabulary);
  const batches: Batches = {
    rows,
    read(wanted) {
      const size = [wanted.length, length];
      const own = Int32Array.from(
        [...wanted].flatMap((row) => [...tokens.subarray(row * length, (row + 1) * length)]),
      );
      const marks = [wanted.length, MASKED];
      const total = wanted.length * MASKED;
      return {
        tokens: { shape: size, data: own },
        mask: { shape: size, data: new Float32Array(own.length).fill(1) },
        positions: { shape: marks, data: Int32Array.from({ length: total }, (_, i) => 6 * (i % MASKED)) },
        labels: { shape: marks, data: Int32Array.from({ length: total }, (_, i) => own[i]!) },
        positionWeights: { shape: marks, data: new Float32Array(total).fill(1 / MASKED) },
      };
    },
  };
  return {
    network: maskedLanguageModel(BERT),
    parameters: maskedLanguageTensors(BERT, random),
    batches,
    batchSize: 32,
  };
}

/** @param batches how many */
function taskOf(name: string, mode: string, batches: number): Task {
  const [kind, units] = name.split('-');
  if (kind === 'lstm')
    return classifier(lstm, { units: Number(units), batchSize: 64 }, 64 * batches, 100, 5000);
  if (mode === 'train') return masked(32 * batches);
  return classifier(
    transformer,
    { preset: 'mini', batchSize: 32, positions: 64 },
    32 * batches,
    64,
    BERT.vocabulary,
  );
}

interface Clock {
  readonly wall: number;
  readonly cpu: number;
}

function clock(): Clock {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1e3 };
}

/** Milliseconds of every step, on the wall and of the processor. */
async function steps(engine: Engine, { network, parameters, batches, batchSize }: Task): Promise<Clock[]> {
  const times: Clock[] = [];
  let last = clock();
  await engine.train({
    network,
    parameters,
    batches,
    batchSize,
    sampleWeights: new Float64Array(batches.rows).fill(1),
    epochs: 1,
    optimizer: OPTIMIZER,
    l2: 0,
    seed: 1,
    sinks: {
      progress: () => {
        const now = clock();
        times.push({ wall: now.wall - last.wall, cpu: now.cpu - last.cpu });
        last = now;
      },
    },
  });
  return times.slice(WARM);
}

/** Milliseconds a batch of some passes over all rows. */
function passes(engine: Engine, { network, parameters, batches, batchSize }: Task): Clock[] {
  return Array.from({ length: 4 }, () => {
    const start = clock();
    engine.predict(network, parameters, batches, batchSize);
    const end = clock();
    const count = batches.rows / batchSize;
    return { wall: (end.wall - start.wall) / count, cpu: (end.cpu - start.cpu) / count };
  }).slice(1);
}

const [name = 'lstm-64', mode = 'train', threads = '1', count = '20', device = 'cpu'] = process.argv.slice(2);
if (device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '';
const found = await findTensorflow(device === 'gpu' ? { gpu: true } : {});
if (!found) throw new Error('no TensorFlow on this machine; type `assay setup`');
const engine = await createEngine({
  backend: 'native',
  bindingPath: found.bindingPath,
  threads: Number(threads),
});
const task = taskOf(name, mode, Number(count) + WARM);
const times = mode === 'train' ? await steps(engine, task) : passes(engine, task);
console.log(
  JSON.stringify({
    wall: median(times.map(({ wall }) => wall)),
    cpu: median(times.map(({ cpu }) => cpu)),
    peakMb: process.resourceUsage().maxRSS / 1024,
    version: `TensorFlow ${engine.info.version} through Assay on ${engine.info.device}`,
  }),
);
