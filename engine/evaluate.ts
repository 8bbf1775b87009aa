import type * as TF from '@tensorflow/tfjs-core';
import type { Batches, Engine, Network, TrainRequest } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import type { Backend } from './backend.js';
import { readMinibatch, readPadded, weightedRows } from './minibatches.js';
import { createVariables, inputTensors, shapesOf } from './runner.js';
import { lossAndGradients } from './step.js';
import type { Program } from './trace/program.js';

/** Rows of a batch of the full-batch objective. */
const OBJECTIVE_ROWS = 256;

/** Predicts: forward passes only, each one graph call where the backend can. Keeps the graphs of one network. */
export class Predictor {
  #network: Network | undefined;
  #program: Program | undefined;
  /** Shapes for which the network can't be traced. */
  #untraceable = new Set<string>();

  constructor(
    readonly backend: Backend,
    readonly trace: boolean,
  ) {}

  /** Outputs of every row (rows × K, row-major). */
  predict(
    network: Network,
    parameters: readonly Tensor[],
    batches: Batches,
    batchSize: number,
  ): Float64Array {
    const { backend } = this;
    backend.activate();
    const size = Math.min(batchSize, batches.rows);
    const forward = this.#forward(network, parameters);
    try {
      let outputs: Float64Array | undefined;
      for (let start = 0; start < batches.rows; start += size) {
        const rows = Int32Array.from({ length: Math.min(size, batches.rows - start) }, (_, i) => start + i);
        const inputs = readPadded(batches, rows, size, 0, `engine.predict.${start}`);
        const values = forward.run(inputs);
        const width = values.length / size;
        outputs ??= new Float64Array(batches.rows * width);
        outputs.set(values.subarray(0, rows.length * width), start * width);
      }
      return outputs ?? new Float64Array();
    } finally {
      forward.dispose();
    }
  }

  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
  }

  #forward(
    network: Network,
    parameters: readonly Tensor[],
  ): { run(inputs: ReturnType<Batches['read']>): Float32Array; dispose(): void } {
    const { backend, trace } = this;
    const { tf } = backend;
    if (network !== this.#network) {
      this.dispose();
      this.#network = network;
      this.#untraceable = new Set();
      if (trace) this.#program = backend.program?.(parameters);
    }
    const program = this.#program;
    program?.assign(new Map(parameters.map(({ name, data }) => [name, data as Float32Array])));
    const eager = lazily(() => floatTensors(tf, parameters));
    return {
      run: (inputs) => {
        const tensors = inputTensors(tf, inputs);
        try {
          const key = shapesOf(tensors);
          if (program && this.#ready(program, key, network, parameters, tensors)) {
            return take(program.run(key, tensors));
          }
          return tf.tidy(() => outputsOf(backend, network, eager(), tensors).dataSync<'float32'>());
        } finally {
          tf.dispose(tensors);
        }
      },
      dispose: () => eager.dispose(tf),
    };
  }

  /** Whether the program has a graph for these shapes, or can be given one. */
  #ready(
    program: Program,
    key: string,
    network: Network,
    parameters: readonly Tensor[],
    tensors: Record<string, TF.Tensor>,
  ): boolean {
    if (program.has(key)) return true;
    if (this.#untraceable.has(key)) return false;
    const { backend } = this;
    const scratch = createVariables(backend, parameters, new Map());
    try {
      program.add(key, tensors, scratch, () => {
        const values = Object.fromEntries([...scratch].map(([name, variable]) => [name, variable.read()]));
        return outputsOf(backend, network, values, tensors);
      });
      return true;
    } catch {
      this.#untraceable.add(key);
      return false;
    } finally {
      for (const variable of scratch.values()) variable.dispose();
    }
  }
}

function outputsOf(
  backend: Backend,
  network: Network,
  parameters: Record<string, TF.Tensor>,
  inputs: Record<string, TF.Tensor>,
): TF.Tensor {
  const ops = backend.ops(false, backend.tf.tensor1d([0, 0], 'int32'));
  return network.outputs(ops, parameters, inputs);
}

function take(tensor: TF.Tensor): Float32Array {
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}

/** Parameters on the device, kept until they are disposed of. */
export const floatTensors = (tf: typeof TF, tensors: readonly Tensor[]): Record<string, TF.Tensor> =>
  Object.fromEntries(
    tensors.map(({ name, shape, data }) => [
      name,
      tf.keep(tf.tensor(data as Float32Array, [...shape], 'float32')),
    ]),
  );

/** Tensors made when they are first asked for. */
function lazily(
  make: () => Record<string, TF.Tensor>,
): (() => Record<string, TF.Tensor>) & { dispose(tf: typeof TF): void } {
  let made: Record<string, TF.Tensor> | undefined;
  return Object.assign(() => (made ??= make()), { dispose: (tf: typeof TF) => made && tf.dispose(made) });
}

/** The full-batch objective (1/Σw) Σ wᵢ ℓᵢ + λ/2 Σ θ² and its gradient, added up over batches; without dropout. */
export function objective(
  backend: Backend,
  { network, parameters, batches, sampleWeights, l2 }: Parameters<Engine['objective']>[0],
): ReturnType<Engine['objective']> {
  const { tf } = backend;
  backend.activate();
  const rows = weightedRows(sampleWeights);
  const total = rows.reduce((sum, row) => sum + sampleWeights[row]!, 0);
  const size = Math.min(OBJECTIVE_ROWS, rows.length);
  const sums = new Map(parameters.map(({ name, data }) => [name, new Float64Array(data.length)]));
  let value = 0;
  for (let start = 0; start < rows.length; start += size) {
    const some = rows.subarray(start, start + size);
    const { inputs, shares } = readMinibatch(
      batches,
      some,
      size,
      sampleWeights,
      total,
      0,
      `engine.objective.${start}`,
    );
    tf.tidy(() => {
      const values = new Map(Object.entries(floatTensors(tf, parameters)));
      const ops = backend.ops(false, tf.tensor1d([0, 0], 'int32'));
      const result = lossAndGradients(ops, network, values, inputTensors(tf, inputs), tf.tensor1d(shares));
      value += result.value.dataSync()[0]!;
      for (const [name, gradient] of result.gradients) {
        const sum = sums.get(name)!;
        gradient.dataSync().forEach((slope, i) => (sum[i]! += slope));
      }
      tf.dispose([...values.values()]);
    });
  }
  return withL2(network, parameters, l2, value, sums);
}

function withL2(
  network: Network,
  parameters: TrainRequest['parameters'],
  l2: number,
  loss: number,
  sums: ReadonlyMap<string, Float64Array>,
): ReturnType<Engine['objective']> {
  let value = loss;
  const gradients = parameters.map(({ name, shape, data }): Tensor => {
    const sum = sums.get(name)!;
    if (l2 > 0 && network.decays(name)) {
      data.forEach((theta, i) => {
        value += (l2 / 2) * theta * theta;
        sum[i]! += l2 * theta;
      });
    }
    return { name, shape, data: sum };
  });
  return { value, gradients };
}
