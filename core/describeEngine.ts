import type { EngineInfo } from '../contracts/engine.js';

/** `TensorFlow 2.21.0 on the cpu, 1 thread`; `wasm 4.22.0 on the cpu, 1 thread`. */
export const describeEngine = ({ name, version, device, threads }: EngineInfo): string =>
  `${name === 'native' ? 'TensorFlow' : 'wasm'} ${version} on the ${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
