import type * as TF from '@tensorflow/tfjs-core';
import type { NamedTensors, Ops } from '../../contracts/engine.js';
import type { Tensor } from '../../contracts/matrix.js';
import type { Random } from '../../core/random.js';
import { glorotUniform, zeros } from './initialisers.js';

/** The tensor of this name. @throws RangeError if a network was given others than it knows */
export function tensorNamed<T extends TF.Tensor>(tensors: NamedTensors, name: string): T {
  const tensor = tensors[name];
  if (tensor) return tensor as T;
  throw new RangeError(`expected a tensor ${name}, got ${Object.keys(tensors).join(', ') || 'none'}`);
}

/** Kernel (in, out), Glorot uniform, and bias (out,), zero. */
export const denseTensors = (name: string, from: number, to: number, random: Random): Tensor[] => [
  glorotUniform(`${name}.kernel`, [from, to], random),
  zeros(`${name}.bias`, [to]),
];

/** x (b, in) times the kernel, plus the bias → (b, out). */
export function dense({ tf }: Ops, x: TF.Tensor2D, parameters: NamedTensors, name: string): TF.Tensor2D {
  const kernel = tensorNamed<TF.Tensor2D>(parameters, `${name}.kernel`);
  return tf.add(tf.matMul(x, kernel), tensorNamed(parameters, `${name}.bias`));
}
