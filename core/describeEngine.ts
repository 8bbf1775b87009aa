import type { Engine, EngineInfo } from '../contracts/engine.js';
import type { Figures } from '../contracts/stage.js';

/** `TensorFlow 2.21.0 on the cpu, 1 thread`; `wasm 4.22.0 on the cpu, 1 thread`. */
export const describeEngine = ({ name, version, device, threads }: EngineInfo): string =>
  `${name === 'native' ? 'TensorFlow' : 'wasm'} ${version} on the ${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** What people are told of the engine that a stage computed with, where it had one. */
export const engineFigures = (engine: Engine | undefined): Figures =>
  engine ? { engine: describeEngine(engine.info) } : {};
