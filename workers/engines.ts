import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { EngineInfo } from '../contracts/engine.js';
import { ConfigError } from '../contracts/errors.js';
import type { StageContext } from '../contracts/store.js';
import { describeEngine } from '../core/describeEngine.js';
import type { createEngine } from '../engine/createEngine.js';
import { findTensorflow } from '../infra/tensorflow/findTensorflow.js';
import { engineInfo, type EngineSettings } from './engineSettings.js';

/**
 * Looks for the engines of this machine; fetches and loads nothing.
 *
 * @param device what the worker's jobs may use
 * @throws ConfigError where a GPU is wanted and TensorFlow can't use one
 */
export async function findEngines(
  device: EngineInfo['device'],
  threads: number,
  environment: NodeJS.ProcessEnv,
): Promise<EngineSettings> {
  const found = await findTensorflow({ ...(device === 'gpu' ? { gpu: true } : {}), environment });
  if (device === 'gpu' && found === undefined) {
    throw new ConfigError(
      'role gpu: TensorFlow with CUDA is not on this machine; type `assay setup --gpu`, or leave the role out',
    );
  }
  return {
    native: found ? { bindingPath: found.bindingPath, version: found.version, device } : null,
    wasm: { version: wasmVersion() },
    threads,
  };
}

function wasmVersion(): string {
  const about: unknown = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm/package.json');
  return z.object({ version: z.string() }).parse(about).version;
}

/** Starts engines when they are first asked for, and keeps them. */
export function openEngines(settings: EngineSettings): StageContext['engine'] {
  const started = new Map<EngineInfo['name'], ReturnType<typeof createEngine>>();
  return async (choice) => {
    const info = engineInfo(choice, settings);
    let engine = started.get(info.name);
    if (!engine) {
      engine = start(info, settings);
      started.set(info.name, engine);
      engine.catch(() => started.delete(info.name));
    }
    return engine;
  };
}

async function start(info: EngineInfo, { native }: EngineSettings): ReturnType<typeof createEngine> {
  // A job of the queue assay-cpu must not take the GPU from the one job that has it.
  if (info.device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '';
  // TensorFlow.js takes long to load: not for children that train linear models only.
  const { createEngine: create } = await import('../engine/createEngine.js');
  const engine = await create({
    backend: info.name,
    threads: info.threads,
    ...(info.name === 'native' && native ? { bindingPath: native.bindingPath } : {}),
  });
  if (isDeepStrictEqual(engine.info, info)) return engine;
  throw new ConfigError(
    `expected the engine ${describeEngine(info)}, it turned out to be ${describeEngine(engine.info)}; start the worker again` +
      (info.device === 'gpu' ? ' where `nvidia-smi` shows a device' : ''),
  );
}
