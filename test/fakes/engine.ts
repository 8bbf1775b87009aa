import type { Engine } from '../../contracts/engine.js';
import { createEngine } from '../../engine/createEngine.js';

let started: Promise<Engine> | undefined;

/** The wasm engine of this test process: it runs on any machine. */
export const wasmEngine = (): Promise<Engine> => (started ??= createEngine({ backend: 'wasm', threads: 1 }));
