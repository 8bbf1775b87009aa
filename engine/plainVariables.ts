import type * as TF from '@tensorflow/tfjs-core';
import type { AdamRates, Variable, Variables } from './backend.js';

/** A tensor that is replaced at every change. */
class PlainVariable implements Variable {
  #value: TF.Tensor;

  constructor(
    readonly tf: typeof TF,
    readonly shape: readonly number[],
    values: Float32Array | undefined,
  ) {
    this.#value = tf.keep(values ? tf.tensor(values.slice(), [...shape], 'float32') : tf.zeros([...shape]));
  }

  read(): TF.Tensor {
    return this.#value.clone();
  }

  set(value: TF.Tensor): void {
    this.#value.dispose();
    this.#value = this.tf.keep(value.clone());
  }

  dispose(): void {
    this.#value.dispose();
  }
}

/** The optimizers composed of tfjs' operations. */
export class PlainVariables implements Variables {
  constructor(readonly tf: typeof TF) {}

  create(shape: readonly number[], values?: Float32Array): PlainVariable {
    return new PlainVariable(this.tf, shape, values);
  }

  halfSquares(x: TF.Tensor): TF.Scalar {
    return this.tf.mul(this.tf.sum(this.tf.square(x)), 0.5);
  }

  descend(value: PlainVariable, rate: TF.Scalar, delta: TF.Tensor): void {
    const { tf } = this;
    tf.tidy(() => value.set(tf.sub(value.read(), tf.mul(delta, rate))));
  }

  momentum(
    value: PlainVariable,
    velocity: PlainVariable,
    rate: TF.Scalar,
    gradient: TF.Tensor,
    momentum: number,
  ): void {
    const { tf } = this;
    tf.tidy(() => {
      velocity.set(tf.sub(tf.mul(velocity.read(), momentum), tf.mul(gradient, rate)));
      value.set(tf.add(value.read(), velocity.read()));
    });
  }

  adam(
    value: PlainVariable,
    m: PlainVariable,
    v: PlainVariable,
    gradient: TF.Tensor,
    rates: AdamRates,
  ): void {
    const { tf } = this;
    const { learningRate, beta1Power, beta2Power, beta1, beta2, epsilon } = rates;
    tf.tidy(() => {
      const alpha = tf.div(tf.mul(learningRate, tf.sqrt(tf.sub(1, beta2Power))), tf.sub(1, beta1Power));
      const toward = (slot: PlainVariable, target: TF.Tensor, share: number): void =>
        slot.set(tf.add(slot.read(), tf.mul(tf.sub(target, slot.read()), share)));
      toward(m, gradient, 1 - beta1);
      toward(v, tf.square(gradient), 1 - beta2);
      value.set(tf.sub(value.read(), tf.div(tf.mul(m.read(), alpha), tf.add(tf.sqrt(v.read()), epsilon))));
    });
  }
}
