import type * as TF from '@tensorflow/tfjs-core';
import { MissingToolError } from '../contracts/errors.js';
import type { Backend } from './backend.js';
import { plainBackendOps } from './plainOps.js';
import { PlainVariables } from './plainVariables.js';
import { makeOps } from './sharedOps.js';

const NAME = 'wasm';

/** The parts of the wasm backend that a kernel uses. */
interface WasmBackend extends TF.KernelBackend {
  readSync(dataId: object): Float32Array | Int32Array;
  write(values: Float32Array, shape: number[], dtype: 'float32'): object;
}

/**
 * tfjs' WebAssembly backend: slower, but it needs nothing except Node. One thread: the package starts its threads from
 * a blob, which Node can't.
 *
 * @throws MissingToolError if it does not start
 */
export async function wasmBackend(tf: typeof TF): Promise<Backend> {
  const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
  registerSegmentSum(tf);
  if (!(await tf.setBackend(NAME).catch(() => false))) {
    throw new MissingToolError('engine: the WebAssembly backend did not start; this Node needs WebAssembly');
  }
  const own = plainBackendOps(tf);
  return {
    info: { name: 'wasm', version, device: 'cpu', threads: 1 },
    tf,
    variables: new PlainVariables(tf),
    activate: () => void tf.setBackend(NAME),
    ops: (training, seed) => makeOps(tf, own, training, seed),
  };
}

/** The one kernel that gradients need and the backend lacks: adds rows up by segment. */
function registerSegmentSum(tf: typeof TF): void {
  if (tf.getKernel('UnsortedSegmentSum', NAME)) return;
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: NAME,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, segmentIds } = inputs as Record<'x' | 'segmentIds', TF.TensorInfo>;
      const wasm = backend as WasmBackend;
      const values = wasm.readSync(x.dataId);
      const ids = wasm.readSync(segmentIds.dataId);
      const shape = [Number(attrs!['numSegments']), ...x.shape.slice(segmentIds.shape.length)];
      const width = shape.slice(1).reduce((product, n) => product * n, 1);
      const sums = new Float32Array(shape[0]! * width);
      for (let i = 0; i < ids.length; i++) {
        const to = ids[i]! * width;
        for (let j = 0; j < width; j++) sums[to + j]! += values[i * width + j]!;
      }
      return { dataId: wasm.write(sums, shape, 'float32'), shape, dtype: 'float32' };
    },
  });
}
