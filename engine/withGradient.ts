import type * as TF from '@tensorflow/tfjs-core';

/**
 * A computation whose gradient is written down instead of being derived from its operations.
 *
 * @param forward gives the value, and what the gradient needs
 * @param backward gives a gradient for every input, from dy and what was saved
 */
export function withGradient<T extends TF.Tensor>(
  tf: typeof TF,
  inputs: readonly TF.Tensor[],
  forward: (...inputs: TF.Tensor[]) => { readonly value: TF.Tensor; readonly saved: TF.Tensor[] },
  backward: (dy: TF.Tensor, saved: TF.Tensor[]) => TF.Tensor[],
): T {
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as TF.GradSaveFunc;
    const { value, saved } = forward(...(args.slice(0, -1) as TF.Tensor[]));
    save(saved);
    return { value, gradFunc: (dy, all) => tf.tidy(() => backward(dy, all)) };
  });
  return run(...inputs) as T;
}
