import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../contracts/engine.js';
import { MissingToolError, OutOfMemoryError, PlatformError } from '../contracts/errors.js';
import { integratedGradients } from './attribute.js';
import type { Backend } from './backend.js';
import { objective, Predictor } from './evaluate.js';
import { registerGradients } from './gradients.js';
import { nativeBackend } from './native.js';
import { train } from './train.js';
import { wasmBackend } from './wasm.js';

export interface EngineOptions {
  readonly backend: 'native' | 'wasm';
  /** Of the compiled addon; for `native`. */
  readonly bindingPath?: string;
  /** Of one computation. Read when TensorFlow is loaded: the first engine of a process decides. */
  readonly threads: number;
  /** Whether computations may run as graphs. @default true */
  readonly trace?: boolean;
}

/**
 * Starts an engine in this process.
 *
 * @throws MissingToolError if the backend is not there
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const backend = await open(options);
  registerGradients(tf);
  const { trace = true } = options;
  const predictor = new Predictor(backend, trace);
  const predict: Engine['predict'] = (...args) => withMemoryError(() => predictor.predict(...args));
  return {
    info: backend.info,
    train: async (request) => {
      try {
        return await train(backend, request, { trace, predict, now: () => performance.now() });
      } catch (error) {
        throw memoryError(error);
      }
    },
    predict,
    attribute: (request) => withMemoryError(() => integratedGradients(backend, request)),
    objective: (request) => withMemoryError(() => objective(backend, request)),
  };
}

function open({ backend, bindingPath, threads }: EngineOptions): Promise<Backend> {
  if (backend === 'wasm') return wasmBackend(tf);
  if (bindingPath !== undefined) return nativeBackend(tf, bindingPath, threads);
  throw new MissingToolError('engine: expected the path of the TensorFlow addon; `assay setup` makes it');
}

function withMemoryError<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw memoryError(error);
  }
}

/** Tells an exhausted memory as such; other errors stay as they are. */
function memoryError(error: unknown): unknown {
  if (error instanceof PlatformError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const exhausted =
    /\bOOM\b|RESOURCE_EXHAUSTED|out of memory|ran out of memory|Cannot enlarge memory|Array buffer allocation failed/i;
  if (!exhausted.test(text)) return error;
  return new OutOfMemoryError(
    `engine: memory ran out (${text.split('\n')[0]!.slice(0, 200)}); lower batchSize or the size of the model, or take a machine with more memory`,
    { cause: error },
  );
}
