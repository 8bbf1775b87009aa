import type * as TF from '@tensorflow/tfjs-core';
import type { EngineInfo, Ops } from '../contracts/engine.js';
import type { Declared, Program } from './trace/program.js';

/** An array on the device that a step changes. */
export interface Variable {
  readonly shape: readonly number[];
  /** Its value now; later changes don't show in it. */
  read(): TF.Tensor;
  /** What TensorFlow calls it, where it is a resource. */
  readonly handle?: TF.Tensor;
  dispose(): void;
}

/** What a step is told of Adam; all but the rates are the same for every step. */
export interface AdamRates {
  readonly learningRate: TF.Scalar;
  readonly beta1Power: TF.Scalar; // beta1 to the power of the step, from 1
  readonly beta2Power: TF.Scalar;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Variables and how optimizers change them, in place where the backend can. */
export interface Variables {
  /** @param values zeros where left out */
  create(shape: readonly number[], values?: Float32Array): Variable;
  /** ½ Σ x² */
  halfSquares(x: TF.Tensor): TF.Scalar;
  /** value ← value − rate × delta */
  descend(value: Variable, rate: TF.Scalar, delta: TF.Tensor): void;
  /** velocity ← momentum × velocity − rate × gradient; value ← value + velocity */
  momentum(value: Variable, velocity: Variable, rate: TF.Scalar, gradient: TF.Tensor, momentum: number): void;
  /**
   * m ← m + (g − m)(1 − β₁); v ← v + (g² − v)(1 − β₂); value ← value − α m / (√v + ε),
   * α = learning rate × √(1 − β₂ᵗ) / (1 − β₁ᵗ).
   *
   * @source Kingma & Ba 2015, section 2 (the efficient order), as TensorFlow's ResourceApplyAdam
   */
  adam(value: Variable, m: Variable, v: Variable, gradient: TF.Tensor, rates: AdamRates): void;
}

/** One of the two ways to compute. */
export interface Backend {
  readonly info: EngineInfo;
  readonly tf: typeof TF;
  readonly variables: Variables;
  /** Makes this the backend that tfjs uses. */
  activate(): void;
  /** @param seed int32 (2,): what `dropout` draws from; each call of an operation has a stream of its own */
  ops(training: boolean, seed: TF.Tensor1D): Ops;
  /** Where computations can be recorded and run as one call. */
  readonly program?: (declared: readonly Declared[]) => Program;
}
