/** The child process behind probe.ts: `native <addon> <size>` or `wasm - <size>`; answers with one message. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type * as Wasm from '@tensorflow/tfjs-backend-wasm';
import type * as Core from '@tensorflow/tfjs-core';
import type { Probe } from './probe.js';

/** The part of the addon that is used here. */
interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  isUsingGpuDevice(): boolean;
  createTensor(shape: number[], dtype: number, values: Float32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  executeOp(name: string, attributes: object[], inputs: number[], outputs: number): { readonly id: number }[];
}

/** Multiplies a matrix (n, n) by itself so many times over; the result is on the host. */
type Multiply = (times: number) => Float32Array | Promise<Float32Array>;

const ENOUGH_MS = 400;
const require = createRequire(import.meta.url);

/** (J + I) / n, where J is all ones: its square can be written down. */
const matrix = (size: number): Float32Array =>
  Float32Array.from(
    { length: size * size },
    (_, index) => (Math.floor(index / size) === index % size ? 2 : 1) / size,
  );

async function main(backend: string, path: string, size: number): Promise<void> {
  const { multiply, ...about } = backend === 'wasm' ? await openWasm(size) : openNative(path, size);
  const product = await multiply(1);
  // (J + I)² / n² = (n·J + 2·J + I) / n²
  const [diagonal, beside] = [(size + 3) / size ** 2, (size + 2) / size ** 2];
  const wrong = product.findIndex((value, index) => {
    const expected = Math.floor(index / size) === index % size ? diagonal : beside;
    return Math.abs(value - expected) > 1e-4 * expected;
  });
  if (wrong >= 0) throw new Error(`wrong product: ${String(product[wrong])} at ${String(wrong)}`);
  process.send?.({ ...about, gigaflops: await measure(multiply, size) } satisfies Probe);
  process.disconnect();
}

async function measure(multiply: Multiply, size: number): Promise<number> {
  const flops = 2 * size ** 3;
  let fastest = Infinity;
  const end = performance.now() + ENOUGH_MS;
  do {
    const started = performance.now();
    await multiply(4);
    fastest = Math.min(fastest, (performance.now() - started) / 4);
  } while (performance.now() < end);
  return flops / fastest / 1e6;
}

function openNative(path: string, size: number): Omit<Probe, 'gigaflops'> & { multiply: Multiply } {
  const binding = require(path) as Binding;
  const input = binding.createTensor([size, size], binding.TF_FLOAT, matrix(size));
  const attributes = [
    { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
    { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  ];
  const multiply = (times: number): Float32Array => {
    const ids = Array.from({ length: times }, () => {
      const [result] = binding.executeOp('MatMul', attributes, [input, input], 1);
      return result?.id ?? -1;
    });
    const values = binding.tensorDataSync(ids.at(-1) ?? -1);
    for (const id of ids) binding.deleteTensor(id);
    return values;
  };
  return { version: binding.TF_Version, device: binding.isUsingGpuDevice() ? 'gpu' : 'cpu', multiply };
}

async function openWasm(size: number): Promise<Omit<Probe, 'gigaflops'> & { multiply: Multiply }> {
  const tf = require('@tensorflow/tfjs-core') as typeof Core;
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof Wasm;
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const input = tf.tensor2d(matrix(size), [size, size]);
  const multiply = async (times: number): Promise<Float32Array> => {
    const products = Array.from({ length: times }, () => tf.matMul(input, input));
    const values = await products.at(-1)!.data<'float32'>();
    tf.dispose(products);
    return values;
  };
  return { version: wasm.version_wasm, device: 'cpu', multiply };
}

const [backend = '', path = '', size = '1024'] = process.argv.slice(2);
await main(backend, path, Number(size));
