import { ensureCudaLibraries } from '../infra/tensorflow/cuda.js';
import { ensureTensorflow } from '../infra/tensorflow/findTensorflow.js';
import type { NativeTensorflow } from '../infra/tensorflow/native.js';
import { withDownloadBar } from './downloads.js';
import type { Terminal } from './terminal.js';

/**
 * A native TensorFlow with all that it opens, fetched and compiled where it isn't here yet.
 *
 * @param gpu with CUDA, or without; else with CUDA where there is a device
 * @throws MissingToolError saying what is missing and what to do
 */
export async function fetchEngine(terminal: Terminal, gpu?: boolean): Promise<NativeTensorflow> {
  const log = (line: string): void => terminal.note(line);
  const native = await withDownloadBar(terminal, (onProgress) =>
    ensureTensorflow({ ...(gpu !== undefined && { gpu }), onProgress, log }),
  );
  if (native.flavour === 'gpu') await ensureCudaLibraries(native, { log });
  return native;
}
