import { z } from 'zod';
import type * as TF from '@tensorflow/tfjs-core';
import type { Tensor } from './matrix.js';
import type { Attribution, Checkpoint, TrainingHistory, TrainingSinks } from './model.js';

/** Which engine a run wants; auto: native where the machine has it, else wasm. */
export const EngineChoice = z.enum(['auto', 'native', 'wasm']);
export type EngineChoice = z.infer<typeof EngineChoice>;

/** Which backend computes, and all that decides its bytes. Part of the stage key of what it trains. */
export interface EngineInfo {
  readonly name: 'native' | 'wasm';
  /** Version of TensorFlow (native) or of the wasm backend. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
}

/**
 * What a network computes with: tfjs, and the operations that a backend may have fused kernels for. All of them are
 * differentiable and agree between backends within a stated tolerance.
 */
export interface Ops {
  readonly tf: typeof TF;
  /** True while training: dropout is applied. */
  readonly training: boolean;
  /**
   * LSTM over time-major steps, initial state zero: all hidden states.
   *
   * @param x (T, b, in)
   * @param kernel (in + u, 4u): input rows, then recurrent rows; gates in the order of Keras: input, forget, cell, output
   * @param bias (4u,)
   * @returns (T, b, u)
   */
  lstm(x: TF.Tensor3D, kernel: TF.Tensor2D, bias: TF.Tensor1D): TF.Tensor3D;
  /** −ln softmax(logits)[label] of every row: logits (b, K), labels int32 (b,) → (b,), nats. */
  sparseCrossEntropy(logits: TF.Tensor2D, labels: TF.Tensor1D): TF.Tensor1D;
  /** Normalises the last axis: x (…, d), gamma and beta (d,). */
  layerNorm<T extends TF.Tensor>(x: T, gamma: TF.Tensor1D, beta: TF.Tensor1D, epsilon: number): T;
  /** GELU; `tanh` is the approximation of Hendrycks & Gimpel, `erf` the exact form that BERT uses. */
  gelu<T extends TF.Tensor>(x: T, form: 'erf' | 'tanh'): T;
  /** Rows of a table: table (V, d), ids int32 of any shape → (…ids, d). The gradient adds up rows that occur twice. */
  embedding(table: TF.Tensor2D, ids: TF.Tensor): TF.Tensor;
  /**
   * Σ wᵢⱼ ln(1 + exp(sⱼ − sᵢ)) / Σ wᵢⱼ of every query, (q,): 0 where nothing weighs.
   *
   * @param scores (q, m), of m items
   * @param pairs (q, m, m), w of "i should be before j"
   * @param swap a pair weighs |difference of the discounts of the two places| under these scores, too; that is not differentiated
   */
  pairLoss(scores: TF.Tensor2D, pairs: TF.Tensor3D, swap?: Swap): TF.Tensor1D;
  /** Zeroes a share of the elements and scales the rest by 1/(1 − rate); the identity unless training. */
  dropout<T extends TF.Tensor>(x: T, rate: number): T;
}

/** What a place in a query is worth. */
export interface Swap {
  readonly real: TF.Tensor2D; // (q, m), 1 where there is an item, 0 where there is none
  readonly order: TF.Tensor2D; // (q, m), of rows: who comes first of equal scores
  readonly depth: number; // of NDCG: a place below it is worth nothing
}

export type NamedTensors = Readonly<Record<string, TF.Tensor>>;

/** A differentiable model: its parameters, its loss, its outputs. Pure: all state is in the arguments. */
export interface Network {
  /** Loss of every row (b,), before sample weights. `inputs` holds what `Batches.read` gave, as tensors. */
  loss(ops: Ops, parameters: NamedTensors, inputs: NamedTensors): TF.Tensor1D;
  /** Outputs (b, K); logits for a classifier. */
  outputs(ops: Ops, parameters: NamedTensors, inputs: NamedTensors): TF.Tensor2D;
  /** Whether L2 and weight decay shrink this parameter (not biases, not LayerNorm). */
  decays(parameter: string): boolean;
}

/** A host array with its shape; the first axis is the row in the batch. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Rows to train on or to predict. */
export interface Batches {
  readonly rows: number;
  /**
   * The given rows as a batch. All calls for as many rows should give few different shapes: each is traced once.
   *
   * @param draw what is drawn anew for every batch (masking) must come from here; in [0, 1)
   */
  read(rows: Int32Array, draw: () => number): Readonly<Record<string, HostTensor>>;
}

export interface OptimizerSettings {
  readonly name: 'adamw' | 'sgd';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled (Loshchilov & Hutter 2019): each step shrinks by learning rate × this. */
  readonly weightDecay: number;
  readonly momentum: number; // sgd
  /** Largest norm of the whole gradient; null does not clip. */
  readonly clipNorm: number | null;
  readonly schedule: 'constant' | 'cosine' | 'linear';
  /** Share of all steps over which the learning rate rises from 0. */
  readonly warmup: number;
}

export interface TrainRequest {
  readonly network: Network;
  readonly parameters: readonly Tensor[]; // Float32Array data; where training starts
  readonly batches: Batches;
  readonly sampleWeights: Float64Array; // (rows,)
  readonly batchSize: number;
  readonly epochs: number;
  readonly optimizer: OptimizerSettings;
  /** λ of λ/2·Σ‖θ‖² over decaying parameters, added to the mean weighted loss. */
  readonly l2: number;
  readonly seed: number;
  /** Called after each epoch with the parameters; higher is better. Training stops after `patience` epochs without a better value and gives the best parameters back. */
  readonly judge?: (parameters: readonly Tensor[], epoch: number) => number | Promise<number>;
  readonly patience?: number;
  readonly resumeFrom?: Checkpoint;
  readonly sinks?: TrainingSinks;
}

/** One training run's result. */
export interface TrainResult {
  readonly parameters: readonly Tensor[];
  readonly epochs: number;
  readonly history: TrainingHistory;
  /** Whether steps ran as one traced graph, or why not. */
  readonly traced: true | string;
}

/** Rows whose outputs are taken apart. */
export interface AttributionRequest {
  readonly network: Network;
  readonly parameters: readonly Tensor[];
  readonly batches: Batches;
  /** What the pieces of the input are: rows of a table that are looked up, else (where nothing is) an input by name. */
  readonly pieces: { readonly table: string; readonly input?: string };
  readonly contrast: Float64Array; // (rows × K), what each output counts
  /** Points of the path at which gradients are taken. */
  readonly steps: number;
}

/** Computes networks. One per process. */
export interface Engine {
  readonly info: EngineInfo;
  /**
   * Minimises (1/Σw) Σ wᵢ ℓᵢ + L2 by minibatches, each divided by batch size × global mean weight.
   *
   * @throws DivergedError when the loss is not finite
   */
  train(request: TrainRequest): Promise<TrainResult>;
  /** Outputs of every row (rows × K, row-major). */
  predict(network: Network, parameters: readonly Tensor[], batches: Batches, batchSize: number): Float64Array;
  /** Integrated gradients: what each piece of a row (its padding included) adds to the row's output. */
  attribute(request: AttributionRequest): Attribution;
  /** The full-batch objective that `train` minimises, and its gradient. */
  objective(request: Pick<TrainRequest, 'network' | 'parameters' | 'batches' | 'sampleWeights' | 'l2'>): {
    readonly value: number;
    readonly gradients: readonly Tensor[];
  };
}
