import type * as TF from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { HostTensor, NamedTensors, Ops } from '../contracts/engine.js';
import { ConfigError } from '../contracts/errors.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import type { ModelInput } from '../contracts/model.js';
import { networkModel, type RowReader } from './network.js';
import { headed, type Logits, type States } from './network/classifier.js';
import { dense, denseTensors, tensorNamed } from './network/dense.js';
import { bucketLength } from './network/sequences.js';
import { trainingParams } from './network/trainingParams.js';

const MlpParams = z.strictObject({
  hidden: z.array(z.int().positive()).default([256]).describe('units of each hidden layer'),
  dropout: z.number().min(0).lt(1).default(0.3).describe('after each hidden layer'),
  ...trainingParams({
    C: 16,
    learningRate: 1e-3,
    batchSize: 64,
    epochs: 10,
    schedule: 'constant',
    warmup: 0,
    weightDecay: 0,
  }),
});
type MlpParams = z.infer<typeof MlpParams>;

const MlpSettings = z.object({
  features: z.int(),
  hidden: z.array(z.int()),
  dropout: z.number(),
  outputs: z.int(),
});
type MlpSettings = z.infer<typeof MlpSettings>;

/** Up to so many columns, rows are read dense: one matrix product is cheaper than gathering. */
const DENSE_COLUMNS = 1024;

/** Sparse features → dense layers with ReLU and dropout → softmax. */
export const mlp = networkModel<MlpParams, MlpSettings>({
  name: 'mlp',
  input: 'sparse',
  paramsSchema: MlpParams,
  strengths: [4, 16, 64],
  sizes: { hidden: [[128], [256], [512], [256, 128]] },
  settingsSchema: MlpSettings,
  settings: ({ hidden, dropout }, input, outputs) => ({
    features: matrixOf(input).cols,
    hidden,
    dropout,
    outputs,
  }),
  initial(settings, random) {
    return widths(settings).flatMap(([from, to], layer) => denseTensors(layerName(layer), from, to, random));
  },
  logits,
  lastLayer(settings) {
    const found = states(settings);
    return found && { states: found, head: layerName(settings.hidden.length) };
  },
  pieces: { table: 'layers.0.kernel', input: 'features' },
  reader({ features }, input) {
    const matrix = matrixOf(input);
    if (matrix.cols === features)
      return matrix.cols <= DENSE_COLUMNS ? denseReader(matrix) : bagReader(matrix);
    throw new ConfigError(`model mlp: expected ${features} features, got ${matrix.cols}`);
  },
});

const layerName = (layer: number): string => `layers.${layer}`;

const widths = ({ features, hidden, outputs }: MlpSettings): [number, number][] =>
  [...hidden, outputs].map((to, layer) => [layer === 0 ? features : hidden[layer - 1]!, to]);

function logits(settings: MlpSettings): Logits {
  const found = states(settings);
  return found ? headed(found, layerName(settings.hidden.length)) : firstLayer;
}

/** What the last layer is given, (b, last width); undefined where it is the first one. */
function states({ hidden, dropout }: MlpSettings): States | undefined {
  if (hidden.length === 0) return undefined;
  return (ops, parameters, inputs) => {
    let x = firstLayer(ops, parameters, inputs); // (b, first width)
    hidden.forEach((_, layer) => {
      if (layer > 0) x = dense(ops, x, parameters, layerName(layer));
      x = ops.dropout(ops.tf.relu(x), dropout);
    });
    return x;
  };
}

const firstLayer: Logits = (ops, parameters, inputs) =>
  inputs['features']
    ? dense(ops, tensorNamed(inputs, 'features'), parameters, layerName(0))
    : bag(ops, parameters, inputs);

/** The first layer of sparse rows: rows of the kernel at the entries' columns, times the entries' values, added up. */
function bag({ tf, embedding }: Ops, parameters: NamedTensors, inputs: NamedTensors): TF.Tensor2D {
  const kernel = tensorNamed<TF.Tensor2D>(parameters, `${layerName(0)}.kernel`);
  const rows = embedding(kernel, tensorNamed(inputs, 'columns')); // (b, m, h)
  const values = tf.expandDims(tensorNamed(inputs, 'values'), 1); // (b, 1, m)
  const sums = tf.squeeze<TF.Tensor2D>(tf.matMul(values, rows), [1]); // (b, h)
  return tf.add(sums, tensorNamed(parameters, `${layerName(0)}.bias`));
}

const entriesOf = ({ indptr }: CsrMatrix, row: number): number => indptr[row + 1]! - indptr[row]!;

function denseReader(matrix: CsrMatrix): RowReader {
  const { cols, indptr, indices, values } = matrix;
  return {
    rows: matrix.rows,
    read(rows) {
      const data = new Float32Array(rows.length * cols);
      rows.forEach((row, i) => {
        for (let at = indptr[row]!; at < indptr[row + 1]!; at++) data[i * cols + indices[at]!] = values[at]!;
      });
      return { features: { shape: [rows.length, cols], data } };
    },
  };
}

/** Entries of each row, padded by zeros to one number m. */
function bagReader(matrix: CsrMatrix): RowReader {
  const { indptr, indices, values } = matrix;
  return {
    rows: matrix.rows,
    size: (row) => entriesOf(matrix, row),
    read(rows) {
      const most = rows.reduce((count, row) => Math.max(count, entriesOf(matrix, row)), 0);
      const shape = [rows.length, bucketLength(most, matrix.cols)] as const;
      const columns = { shape, data: new Int32Array(shape[0] * shape[1]) };
      const amounts = { shape, data: new Float32Array(shape[0] * shape[1]) };
      rows.forEach((row, i) => {
        columns.data.set(indices.subarray(indptr[row], indptr[row + 1]), i * shape[1]);
        amounts.data.set(values.subarray(indptr[row], indptr[row + 1]), i * shape[1]);
      });
      return { columns, values: amounts } satisfies Record<string, HostTensor>;
    },
  };
}

function matrixOf(input: ModelInput): CsrMatrix {
  if (input.kind === 'sparse') return input.matrix;
  throw new ConfigError(`model mlp: expected sparse features, got ${input.kind}; choose another model`);
}
