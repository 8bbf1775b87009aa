import type * as TF from '@tensorflow/tfjs-core';
import type { AttributionRequest, NamedTensors, Ops } from '../contracts/engine.js';
import type { Attribution } from '../contracts/model.js';
import type { Backend } from './backend.js';
import { floatTensors } from './evaluate.js';
import { inputTensors } from './runner.js';

/**
 * Integrated gradients: along the straight path from nothing (zeros in place of the looked-up rows, or of the input) to
 * what is there, the mean gradient of the output times what is there, added up for each piece. The midpoint rule: the
 * sum differs from output − baseline by O(1/steps²).
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
  { network, batches, pieces, contrast, steps }: AttributionRequest,
  parameters: NamedTensors,
  row: number,
): AttributedRow {
  const { tf } = backend;
  const inputs = inputTensors(
    tf,
    batches.read(Int32Array.of(row), () => 0),
  );
  const ops = backend.ops(false, tf.tensor1d([0, 0], 'int32'));
  const classes = contrast.length / batches.rows;
  const counts = tf.tensor2d(Float32Array.from(contrast.subarray(row * classes, (row + 1) * classes)), [
    1,
    classes,
  ]);
  const outputWith = (own: Ops, given: NamedTensors): TF.Scalar =>
    tf.sum(tf.mul(network.outputs(own, parameters, given), counts));
  const found = lookedUp(ops, parameters[pieces.table], (own) => outputWith(own, inputs));
  const there = found ?? inputs[pieces.input ?? ''];
  if (!there) throw new RangeError(`attribution: the network does not look up ${pieces.table}`);
  /** The output with something else in place of what is there. */
  const outputOf = (piecewise: TF.Tensor): TF.Scalar =>
    found
      ? outputWith(replacing(ops, parameters[pieces.table]!, piecewise), inputs)
      : outputWith(ops, { ...inputs, [pieces.input!]: piecewise });
  const slope = tf.grad(outputOf);
  const sum = new Float64Array(there.size);
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const values = slope(tf.mul(there, (step + 0.5) / steps)).dataSync<'float32'>();
      values.forEach((value, i) => (sum[i]! += value / steps));
    });
  }
  return {
    values: perPiece(there, sum, found !== undefined),
    output: outputOf(there).dataSync()[0]!,
    baseline: outputOf(tf.zerosLike(there)).dataSync()[0]!,
  };
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

/** Gradient × what is there, added up over the numbers of each piece: the last axis of looked-up rows, one of an input. */
function perPiece(there: TF.Tensor, gradients: Float64Array, isLookedUp: boolean): Float64Array {
  const width = isLookedUp ? there.shape.at(-1)! : 1;
  const values = new Float64Array(gradients.length / width);
  there
    .dataSync<'float32'>()
    .forEach((value, i) => (values[Math.floor(i / width)]! += value * gradients[i]!));
  return values;
}
