import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as TF from '@tensorflow/tfjs-core';
import type { NativeOps } from '../binding.js';
import type { Variable } from '../backend.js';
import { encodeSavedModel, TAG, type GraphNode } from './graphDef.js';
import { Recorder } from './recorder.js';
import { variableNames, variableNodes } from './variableNodes.js';

/** A variable of a program. */
export interface Declared {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One computation, recorded for one set of shapes. */
interface Entry {
  readonly nodes: readonly GraphNode[];
  readonly output: string;
}

/**
 * Computations over the same variables, in one session of TensorFlow, each a single call. A session can't be added to:
 * for a new computation it is made anew, and the variables are carried over.
 */
export class Program {
  readonly #entries = new Map<string, Entry>();
  #session: number | undefined;
  #values: ReadonlyMap<string, Float32Array> | undefined;

  constructor(
    readonly tf: typeof TF,
    readonly native: NativeOps,
    readonly declared: readonly Declared[],
  ) {}

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Records a computation. `work` is run once, on scratch variables; what it does to them is forgotten.
   *
   * @throws Error if it can't be recorded, or TensorFlow does not take the graph; the variables' values are kept
   */
  add(
    key: string,
    feeds: Readonly<Record<string, TF.Tensor>>,
    scratch: ReadonlyMap<string, Variable>,
    work: () => TF.Tensor,
  ): void {
    const recorder = new Recorder(this.native, `g${this.#entries.size}`);
    for (const [name, tensor] of Object.entries(feeds)) recorder.input(`in.${name}`, tensor);
    this.declared.forEach(({ name }, i) =>
      recorder.variable(variableNames(i).variable, scratch.get(name)!.handle!),
    );
    const output = this.tf.tidy(() => recorder.record(work)) as unknown as string;
    this.#values = this.read();
    this.#unload();
    this.#entries.set(key, { nodes: recorder.nodes, output });
    this.#load();
  }

  /** Sets every variable, to 0 where there is no value for it. The arrays are only read. */
  assign(values: ReadonlyMap<string, Float32Array>): void {
    if (this.#session === undefined) this.#values = values;
    else this.#initialise(this.#session, values);
  }

  /** Runs a computation that was added. */
  run(key: string, feeds: Readonly<Record<string, TF.Tensor>>): TF.Tensor {
    const { output } = this.#entries.get(key)!;
    const prefix = output.slice(0, output.indexOf('/'));
    const names = Object.keys(feeds).map((name) => `${prefix}/in.${name}:0`);
    return this.#call(this.#session!, Object.values(feeds), names, [`${output}:0`])[0]!;
  }

  /** Values of the variables now. */
  read(): ReadonlyMap<string, Float32Array> {
    const { tf, declared } = this;
    const session = this.#session;
    if (session === undefined) return this.#values ?? new Map();
    const values = new Map<string, Float32Array>();
    tf.tidy(() => {
      const fetched = declared.map((_, i) => `${variableNames(i).read}:0`);
      const tensors = this.#call(session, [], [], fetched);
      declared.forEach(({ name }, i) => values.set(name, tensors[i]!.dataSync<'float32'>()));
    });
    return values;
  }

  dispose(): void {
    this.#unload();
    this.#entries.clear();
    this.#values = undefined;
  }

  #unload(): void {
    if (this.#session !== undefined) this.native.backend.binding.deleteSavedModel(this.#session);
    this.#session = undefined;
  }

  #load(): void {
    const nodes = [
      ...variableNodes(
        this.native,
        this.declared.map(({ shape }) => shape),
      ),
      ...[...this.#entries.values()].flatMap((entry) => entry.nodes),
    ];
    const { binding } = this.native.backend;
    const folder = mkdtempSync(join(tmpdir(), 'assay-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes, binding));
      const session = binding.loadSavedModel(folder, TAG);
      if (this.#values) this.#initialise(session, this.#values);
      this.#session = session;
      this.#values = undefined;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  #initialise(session: number, values: ReadonlyMap<string, Float32Array>): void {
    const { tf, declared } = this;
    tf.tidy(() => {
      const given = declared.flatMap(({ name, shape }, i) => {
        const value = values.get(name);
        return value ? [{ i, tensor: tf.tensor(value, [...shape], 'float32') }] : [];
      });
      const isGiven = new Set(given.map(({ i }) => i));
      this.#call(
        session,
        given.map(({ tensor }) => tensor),
        given.map(({ i }) => `${variableNames(i).value}:0`),
        declared.map((_, i) => `${isGiven.has(i) ? variableNames(i).given : variableNames(i).cleared}:0`),
      );
    });
  }

  #call(
    session: number,
    inputs: readonly TF.Tensor[],
    names: readonly string[],
    fetched: readonly string[],
  ): TF.Tensor[] {
    const { backend } = this.native;
    return backend.binding
      .runSavedModel(session, backend.getInputTensorIds(inputs), names.join(','), fetched.join(','))
      .map((handle) => backend.createOutputTensor(handle));
  }
}
