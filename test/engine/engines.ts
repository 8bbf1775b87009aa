import type { TestContext } from 'node:test';
import type { Engine } from '../../contracts/engine.js';
import { createEngine, type EngineOptions } from '../../engine/createEngine.js';
import { findTensorflow } from '../../infra/tensorflow/findTensorflow.js';

export const MISSING = 'no TensorFlow on this machine: `assay setup` makes it (the wasm engine was tested)';

/** The TensorFlow that is tested: with CUDA where ASSAY_TEST_DEVICE is `gpu` (`npm run test:gpu`), else without. */
export const testedTensorflow = (): ReturnType<typeof findTensorflow> =>
  findTensorflow({ gpu: TESTED_DEVICE === 'gpu' });

export const TESTED_DEVICE = process.env['ASSAY_TEST_DEVICE'] ?? 'cpu';

/** An engine for a test; undefined, and the test skipped, where this machine lacks it. */
export async function openEngine(
  t: Pick<TestContext, 'skip'>,
  backend: EngineOptions['backend'],
  options: Partial<EngineOptions> = {},
): Promise<Engine | undefined> {
  if (backend === 'wasm') return createEngine({ backend, threads: 1, ...options });
  const found = await testedTensorflow();
  if (found) return createEngine({ backend, threads: 1, bindingPath: found.bindingPath, ...options });
  t.skip(MISSING);
  return undefined;
}
