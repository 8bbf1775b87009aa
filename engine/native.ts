import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Module from 'node:module';
import util from 'node:util';
import type * as TF from '@tensorflow/tfjs-core';
import { MissingToolError } from '../contracts/errors.js';
import type { Backend } from './backend.js';
import { FLOAT, NativeOps, type Binding, type NativeBackend } from './binding.js';
import { gather, gpuBackendOps, nativeBackendOps } from './nativeOps.js';
import { NativeVariables } from './nativeVariables.js';
import { makeOps } from './sharedOps.js';
import { Program } from './trace/program.js';

const NAME = 'tensorflow';
const PACKAGE = '@tensorflow/tfjs-node-gpu';

const require = createRequire(import.meta.url);

/**
 * TensorFlow itself, through the compiled addon of tfjs-node. The number of threads is read when it is loaded: one
 * process has one.
 *
 * @param bindingPath of `tfjs_binding.node`; the package's JavaScript is taken from beside it, or from node_modules
 * @throws MissingToolError if the addon can't be loaded
 */
export async function nativeBackend(tf: typeof TF, bindingPath: string, threads: number): Promise<Backend> {
  setEnvironment(threads);
  const backend = load(bindingPath);
  if (!tf.findBackend(NAME)) tf.registerBackend(NAME, () => backend);
  await tf.setBackend(NAME);
  const loaded = tf.backend() as NativeBackend;
  const native = new NativeOps(loaded);
  gatherWithoutLooking(tf, native);
  plainMatMul(tf, native);
  const own = (loaded.isUsingGpuDevice ? gpuBackendOps : nativeBackendOps)(tf, native);
  return {
    info: {
      name: 'native',
      version: loaded.binding.TF_Version,
      device: loaded.isUsingGpuDevice ? 'gpu' : 'cpu',
      threads,
    },
    tf,
    variables: new NativeVariables(tf, native),
    activate: () => void tf.setBackend(NAME),
    ops: (training, seed) => makeOps(tf, own, training, seed),
    program: (declared) => new Program(tf, native, declared),
  };
}

/** What TensorFlow reads when its library is loaded, and when the first session starts. */
function setEnvironment(threads: number): void {
  const { env } = process;
  env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  env['TF_NUM_INTEROP_THREADS'] = String(threads);
  env['OMP_NUM_THREADS'] = String(threads);
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  env['TF_DETERMINISTIC_OPS'] ??= '1'; // a GPU's atomic additions come in any order otherwise
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // not all of a GPU's memory at once: `assay doctor` looks at it, too
}

function load(bindingPath: string): NativeBackend {
  const folder = packageFolder(bindingPath);
  try {
    const binding = require(bindingPath) as Binding;
    return withCore(() => {
      require(join(folder, 'dist', 'register_all_kernels.js'));
      const { NodeJSKernelBackend } = require(join(folder, 'dist', 'nodejs_kernel_backend.js')) as {
        NodeJSKernelBackend: new (binding: Binding, name: string) => NativeBackend;
      };
      return new NodeJSKernelBackend(binding, PACKAGE);
    });
  } catch (cause) {
    throw new MissingToolError(
      `engine: expected the TensorFlow addon at ${bindingPath}, could not load it (${String(cause)}); run "assay doctor" to see what is there, or choose engine.backend: wasm`,
      { cause },
    );
  }
}

function packageFolder(bindingPath: string): string {
  const beside = join(dirname(bindingPath), '..');
  if (existsSync(join(beside, 'dist', 'nodejs_kernel_backend.js'))) return beside;
  return dirname(require.resolve(`${PACKAGE}/package.json`));
}

/**
 * Lets the package find tfjs-core where it asks for all of tfjs: it uses nothing else of it. And gives it back two
 * functions that Node 23 took away.
 */
function withCore<T>(load: () => T): T {
  const old = util as {
    isNullOrUndefined?: (value: unknown) => boolean;
    isArray?: (value: unknown) => boolean;
  };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  old.isArray ??= (value) => Array.isArray(value);
  const core = require.resolve('@tensorflow/tfjs-core');
  const resolver = Module as unknown as { _resolveFilename: (request: string, ...more: unknown[]) => string };
  const original = resolver._resolveFilename;
  resolver._resolveFilename = (request, ...more) =>
    request === '@tensorflow/tfjs' ? core : original.call(Module, request, ...more);
  try {
    return load();
  } finally {
    resolver._resolveFilename = original;
  }
}

/** tfjs-node's own kernel reads every index to check it, which stops the computation; TensorFlow checks them too. */
function gatherWithoutLooking(tf: typeof TF, native: NativeOps): void {
  const inherited = tf.getKernel('GatherV2', NAME)!;
  tf.unregisterKernel('GatherV2', NAME);
  tf.registerKernel({
    ...inherited,
    kernelFunc: (args) => {
      const { x, indices } = args.inputs as Record<string, TF.TensorInfo>;
      const plain = args.attrs?.['axis'] === 0 && !args.attrs['batchDims'];
      return plain ? gather(tf, native, x as TF.Tensor, indices as TF.Tensor) : inherited.kernelFunc(args);
    },
  });
}

/** tfjs-node multiplies two matrices as a batch of one; TensorFlow fuses biases and activations with MatMul only. */
function plainMatMul(tf: typeof TF, native: NativeOps): void {
  const inherited = tf.getKernel('BatchMatMul', NAME)!;
  tf.unregisterKernel('BatchMatMul', NAME);
  tf.registerKernel({
    ...inherited,
    kernelFunc: (args) => {
      const { a, b } = args.inputs as Record<string, TF.TensorInfo>;
      if (a!.shape.length !== 2 || b!.shape.length !== 2) return inherited.kernelFunc(args);
      const attributes = [
        native.bool('transpose_a', !!args.attrs?.['transposeA']),
        native.bool('transpose_b', !!args.attrs?.['transposeB']),
        native.type('T', FLOAT),
      ];
      return native.one('MatMul', attributes, [a!, b!]);
    },
  });
}
