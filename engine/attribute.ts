import type * as TF from '@tensorflow/tfjs-core';
import type { AttributionRequest, NamedTensors, Ops } from '../contracts/engine.js';
import type { Attribution } from '../contracts/model.js';
import type { Backend } from './backend.js';
import { floatTensors } from './evaluate.js';
import { inputTensors } from './runner.js';

/** Numbers that are looked up for the points of a path at once: as many points as fit are one batch. */
const PATH_NUMBERS = 1 << 20;

/**
 * Integrated gradients: along the straight path from nothing (zeros in place of the looked-up rows, or of the input) to
 * what is there, the mean gradient of the output times what is there, added up for each piece. The midpoint rule: the
 * sum differs from output − baseline by O(1/steps²). The points of a row's path are rows of one batch.
 *
 * @throws RangeError where the network neither looks up the table nor has the input
 * @source Sundararajan, Taly & Yan, Axiomatic Attribution for Deep Networks, ICML 2017
 */
export function integratedGradients(backend: Backend, request: AttributionRequest): Attribution {
  const { batches, parameters } = request;
  const { tf } = backend;
  backend.activate();
  const kept = floatTensors(tf, parameters);
  try {
    const rows: AttributedRow[] = [];
    for (let row = 0; row < batches.rows; row++) {
      tf.tidy(() => void rows.push(attributeRow(backend, request, kept, row)));
    }
    return {
      values: rows.map(({ values }) => values),
      outputs: Float64Array.from(rows, ({ output }) => output),
      baselines: Float64Array.from(rows, ({ baseline }) => baseline),
    };
  } finally {
    tf.dispose(kept);
  }
}

interface AttributedRow {
  readonly values: Float64Array;
  readonly output: number;
  readonly baseline: number;
}

function attributeRow(
  backend: Backend,
  request: AttributionRequest,
  parameters: NamedTensors,
  row: number,
): AttributedRow {
  const { tf } = backend;
  const { steps } = request;
  const { there, outputOf, isLookedUp } = repeatedRow(backend, request, parameters, row, 1);
  const width = isLookedUp ? there.shape.at(-1)! : 1;
  const values = new Float64Array(there.size / width);
  const most = Math.max(1, Math.floor(PATH_NUMBERS / there.size));
  for (let from = 0; from < steps; from += most) {
    const points = Array.from({ length: Math.min(most, steps - from) }, (_, i) => (from + i + 0.5) / steps);
    tf.tidy(() => {
      const path = repeatedRow(backend, request, parameters, row, points.length);
      pathSums(tf, path, there.shape, points, width).forEach((sum, i) => (values[i]! += sum / steps));
    });
  }
  const output = outputOf(there).dataSync()[0]!;
  return { values, output, baseline: outputOf(tf.zerosLike(there)).dataSync()[0]! };
}

/** A row some times over: what is there, and the sum of the outputs with something else in its place. */
interface RepeatedRow {
  readonly there: TF.Tensor;
  readonly isLookedUp: boolean;
  readonly outputOf: (piecewise: TF.Tensor) => TF.Scalar;
}

function repeatedRow(
  backend: Backend,
  { network, batches, pieces, contrast }: AttributionRequest,
  parameters: NamedTensors,
  row: number,
  times: number,
): RepeatedRow {
  const { tf } = backend;
  const inputs = inputTensors(
    tf,
    batches.read(new Int32Array(times).fill(row), () => 0),
  );
  const ops = backend.ops(false, tf.tensor1d([0, 0], 'int32'));
  const classes = contrast.length / batches.rows;
  const own = Float32Array.from(contrast.subarray(row * classes, (row + 1) * classes));
  const counts = tf.tensor2d(own, [1, classes]);
  const outputWith = (using: Ops, given: NamedTensors): TF.Scalar =>
    tf.sum(tf.mul(network.outputs(using, parameters, given), counts));
  const found = lookedUp(ops, parameters[pieces.table], (using) => outputWith(using, inputs));
  const there = found ?? inputs[pieces.input ?? ''];
  if (!there) throw new RangeError(`attribution: the network does not look up ${pieces.table}`);
  return {
    there,
    isLookedUp: found !== undefined,
    outputOf: (piecewise) =>
      found
        ? outputWith(replacing(ops, parameters[pieces.table]!, piecewise), inputs)
        : outputWith(ops, { ...inputs, [pieces.input!]: piecewise }),
  };
}

/**
 * Gradient × what is there of each piece, added up over the points of the path, (pieces,).
 *
 * @param single shape of what is there for one row; the points lie along the axis in which the path's differs from it
 * @param width numbers of a piece: the last axis of looked-up rows, 1 of an input
 */
function pathSums(
  tf: Backend['tf'],
  { there, outputOf }: RepeatedRow,
  single: readonly number[],
  points: readonly number[],
  width: number,
): Float32Array {
  const found = there.shape.findIndex((size, at) => size !== single[at]);
  const axis = found < 0 ? 0 : found;
  const own = single[axis]!; // of one point along the axis, which holds the points one after the other
  const scales = tf.tensor(
    points.flatMap((point) => new Array<number>(own).fill(point)),
    there.shape.map((size, at) => (at === axis ? size : 1)),
  );
  const products = tf.mul(there, tf.grad(outputOf)(tf.mul(there, scales)));
  const before = single.slice(0, axis);
  const split = tf.reshape(products, [...before, points.length, ...single.slice(axis)]);
  const summed = tf.reshape(tf.sum(split, axis), [there.size / points.length / width, width]);
  return tf.sum(summed, 1).dataSync<'float32'>();
}

/** What a forward pass looks up in a table; undefined where it does not. */
function lookedUp(
  ops: Ops,
  table: TF.Tensor | undefined,
  run: (ops: Ops) => TF.Tensor,
): TF.Tensor | undefined {
  let rows: TF.Tensor | undefined;
  run({
    ...bound(ops),
    embedding: (asked, ids) => {
      const given = ops.embedding(asked, ids);
      if (asked === table) rows ??= given;
      return given;
    },
  });
  return rows;
}

/** The same operations, but for what is looked up in one table. */
const replacing = (ops: Ops, table: TF.Tensor, rows: TF.Tensor): Ops => ({
  ...bound(ops),
  embedding: (asked, ids) => (asked === table ? rows : ops.embedding(asked, ids)),
});

/** Methods of a class are not copied by a spread. */
const bound = (ops: Ops): Ops => ({
  tf: ops.tf,
  training: ops.training,
  lstm: (...args) => ops.lstm(...args),
  sparseCrossEntropy: (...args) => ops.sparseCrossEntropy(...args),
  layerNorm: (...args) => ops.layerNorm(...args),
  gelu: (...args) => ops.gelu(...args),
  pairLoss: (...args) => ops.pairLoss(...args),
  embedding: (...args) => ops.embedding(...args),
  dropout: (...args) => ops.dropout(...args),
});
