import { z } from 'zod';
import type { EngineChoice, EngineInfo } from '../contracts/engine.js';
import { MissingToolError } from '../contracts/errors.js';

/** The engines that a worker's trainer children may start. */
export const EngineSettings = z.strictObject({
  /** Null: not on this machine. */
  native: z
    .strictObject({ bindingPath: z.string(), version: z.string(), device: z.enum(['cpu', 'gpu']) })
    .nullable(),
  wasm: z.strictObject({ version: z.string() }),
  threads: z.int().positive(),
});
export type EngineSettings = z.infer<typeof EngineSettings>;

/**
 * What an engine will say of itself, without starting it.
 *
 * @throws MissingToolError where the native one is wanted and not here
 */
export function engineInfo(choice: EngineChoice, { native, wasm, threads }: EngineSettings): EngineInfo {
  if (choice !== 'wasm' && native) {
    return { name: 'native', version: native.version, device: native.device, threads };
  }
  if (choice === 'native') {
    throw new MissingToolError(
      'training.engine: native is wanted, and TensorFlow is not on this machine; type `assay setup` there, or set training.engine to auto or wasm',
    );
  }
  return { name: 'wasm', version: wasm.version, device: 'cpu', threads: 1 };
}
