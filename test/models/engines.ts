import type { Engine } from '../../contracts/engine.js';
import { createEngine } from '../../engine/createEngine.js';
import { testedTensorflow } from '../engine/engines.js';

const THREADS = 1;
const found = await testedTensorflow();

/** Opens an engine once a process. */
function once(open: () => Promise<Engine>): () => Promise<Engine> {
  let engine: Promise<Engine> | undefined;
  return () => (engine ??= open());
}

/** An engine to test on. */
export interface TestedEngine {
  readonly name: 'native' | 'wasm';
  readonly open: () => Promise<Engine>;
  /** Why it can't be tested on here. */
  readonly skip: string | false;
}

/** The engines of this machine: wasm always, native TensorFlow where `assay setup` made one. */
export const engines: readonly TestedEngine[] = [
  { name: 'wasm', open: once(() => createEngine({ backend: 'wasm', threads: THREADS })), skip: false },
  {
    name: 'native',
    open: once(() => createEngine({ backend: 'native', bindingPath: found!.bindingPath, threads: THREADS })),
    skip: found ? false : 'no native TensorFlow on this machine: `npm run setup` makes one',
  },
];
