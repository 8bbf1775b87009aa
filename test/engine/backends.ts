import * as tf from '@tensorflow/tfjs-core';
import type { TestContext } from 'node:test';
import type { Backend } from '../../engine/backend.js';
import { registerGradients } from '../../engine/gradients.js';
import { nativeBackend } from '../../engine/native.js';
import { wasmBackend } from '../../engine/wasm.js';
import { MISSING, testedTensorflow } from './engines.js';

const opened = new Map<string, Promise<Backend>>();

/** A backend for a test of operations; undefined, and the test skipped, where this machine lacks it. */
export async function openBackend(
  t: Pick<TestContext, 'skip'>,
  name: 'native' | 'wasm',
): Promise<Backend | undefined> {
  const found = name === 'native' ? await testedTensorflow() : undefined;
  if (name === 'native' && !found) {
    t.skip(MISSING);
    return undefined;
  }
  registerGradients(tf);
  const open = (): Promise<Backend> => (found ? nativeBackend(tf, found.bindingPath, 1) : wasmBackend(tf));
  if (!opened.has(name)) opened.set(name, open());
  const backend = await opened.get(name)!;
  backend.activate();
  return backend;
}

/** Steps of the size at which float32 differences of a smooth function are most exact. */
const STEP = 1e-2;

/** ∂ Σ weightsₖ f(x)ₖ / ∂x by central differences, of every element of every input. */
export function differences(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
): number[][] {
  return inputs.map((input, which) => {
    const values = input.dataSync();
    return [...values].map((value, i) => {
      const at = (moved: number): number =>
        tf.tidy(() => {
          const changed = Float32Array.from(values);
          changed[i] = moved;
          const all = inputs.map((one, k) => (k === which ? tf.tensor(changed, input.shape) : one));
          return project(f(...all)).dataSync()[0]!;
        });
      return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
    });
  });
}

/** A fixed mixture of all outputs, so that one number tells of all of them. */
export function project(output: tf.Tensor): tf.Scalar {
  const mixture = Float32Array.from({ length: output.size }, (_, i) => Math.sin(1 + i));
  return tf.sum(tf.mul(output, tf.tensor(mixture, output.shape)));
}

/** The same gradient by the rules. */
export function gradientsOf(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
): number[][] {
  return tf.tidy(() =>
    tf
      .grads((...all: tf.Tensor[]) => project(f(...all)))([...inputs])
      .map((gradient) => [...gradient.dataSync()]),
  ) as unknown as number[][];
}

/** The largest difference, relative to what is larger of 1 and the second value. */
export const largestError = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(
    ...a.flatMap((row, i) =>
      row.map((value, k) => Math.abs(value - b[i]![k]!) / Math.max(1, Math.abs(b[i]![k]!))),
    ),
  );

/** A tensor of numbers that look random and are the same everywhere. */
export function numbers(shape: number[], phase = 0, scale = 1): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(12.9898 * (i + 1) + phase)),
    shape,
  );
}
