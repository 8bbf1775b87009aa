import type * as TF from '@tensorflow/tfjs-core';
import type { AdamRates, Variable, Variables } from './backend.js';
import { FLOAT, type NativeOps } from './binding.js';

/** A resource of TensorFlow. */
export interface NativeVariable extends Variable {
  readonly handle: TF.Tensor;
}

/** Variables as TensorFlow's resources, and its own kernels for the updates. Works eagerly and while recording. */
export class NativeVariables implements Variables {
  #made = 0;

  constructor(
    readonly tf: typeof TF,
    readonly native: NativeOps,
  ) {}

  create(shape: readonly number[], values?: Float32Array): NativeVariable {
    const { tf, native } = this;
    const attributes = [
      native.string('container', ''),
      native.string('shared_name', `assay.${this.#made++}`),
      native.type('dtype', FLOAT),
      native.shape('shape', shape),
    ];
    const handle = tf.keep(native.one('VarHandleOp', attributes, []));
    tf.tidy(() => {
      // A kernel may write into a tensor that it alone holds: it must not be the caller's memory.
      const own = (given: Float32Array): TF.Tensor =>
        native.one('DeepCopy', [native.type('T', FLOAT)], [tf.tensor(given, [...shape], 'float32')]);
      const start = values ? own(values) : tf.zeros([...shape]);
      native.run('AssignVariableOp', [native.type('dtype', FLOAT)], [handle, start], 0);
    });
    return {
      shape,
      handle,
      read: () => native.one('ReadVariableOp', [native.type('dtype', FLOAT)], [handle]),
      dispose: () => {
        native.run('DestroyResourceOp', [native.bool('ignore_lookup_error', true)], [handle], 0);
        handle.dispose();
      },
    };
  }

  halfSquares(x: TF.Tensor): TF.Scalar {
    return this.native.one('L2Loss', [this.native.type('T', FLOAT)], [x]) as TF.Scalar;
  }

  descend(value: NativeVariable, rate: TF.Scalar, delta: TF.Tensor): void {
    this.native.run('ResourceApplyGradientDescent', this.#attributes(), [value.handle, rate, delta], 0);
  }

  momentum(
    value: NativeVariable,
    velocity: NativeVariable,
    rate: TF.Scalar,
    gradient: TF.Tensor,
    momentum: number,
  ): void {
    this.native.run(
      'ResourceApplyKerasMomentum',
      [...this.#attributes(), this.native.bool('use_nesterov', false)],
      [value.handle, velocity.handle, rate, gradient, this.tf.scalar(momentum)],
      0,
    );
  }

  adam(
    value: NativeVariable,
    m: NativeVariable,
    v: NativeVariable,
    gradient: TF.Tensor,
    rates: AdamRates,
  ): void {
    const { tf } = this;
    const { learningRate, beta1Power, beta2Power, beta1, beta2, epsilon } = rates;
    const constants = [beta1, beta2, epsilon].map((value) => tf.scalar(value));
    this.native.run(
      'ResourceApplyAdam',
      [...this.#attributes(), this.native.bool('use_nesterov', false)],
      [value.handle, m.handle, v.handle, beta1Power, beta2Power, learningRate, ...constants, gradient],
      0,
    );
  }

  #attributes(): ReturnType<NativeOps['type']>[] {
    return [this.native.type('T', FLOAT), this.native.bool('use_locking', false)];
  }
}
