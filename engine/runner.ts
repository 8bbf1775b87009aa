import type * as TF from '@tensorflow/tfjs-core';
import type { HostTensor } from '../contracts/engine.js';
import type { Backend, Variable } from './backend.js';
import { memoryNames, type Slots } from './optimizer.js';
import { trainingStep, type StepSettings } from './step.js';
import type { Declared, Program } from './trace/program.js';

/** Host arrays of everything that a step changes, by `kind/parameter`. */
export type TrainState = ReadonlyMap<string, Float32Array>;

/** What one step is given, on the host. */
export interface HostFeeds {
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly shares: Float32Array; // (b,)
  readonly seed: Int32Array; // (2,)
  readonly rates: Float32Array; // (4,)
}

/** Runs steps of one training. */
export interface StepRunner {
  /** Whether steps run as one graph, or why not. */
  readonly traced: true | string;
  /** @returns Σ shareᵢ ℓᵢ of the batch before the update */
  step(feeds: HostFeeds): number;
  state(): TrainState;
  dispose(): void;
}

export const PARAMETER = 'parameter';

/** Names and shapes of everything that a step changes. */
export function declare(
  parameters: readonly Declared[],
  { optimizer }: Pick<StepSettings, 'optimizer'>,
): readonly Declared[] {
  const kinds = [PARAMETER, ...memoryNames(optimizer)];
  return parameters.flatMap(({ name, shape }) => kinds.map((kind) => ({ name: `${kind}/${name}`, shape })));
}

/** Runs steps as one graph each where the backend can and the network lets it, else operation by operation. */
export function createRunner(
  backend: Backend,
  parameters: readonly Declared[],
  settings: StepSettings,
  state: TrainState,
  trace: boolean,
): StepRunner {
  if (!backend.program) return new EagerRunner(backend, parameters, settings, state, 'wasm has no graphs');
  if (!trace) return new EagerRunner(backend, parameters, settings, state, 'tracing is switched off');
  return new TracedRunner(
    backend,
    backend.program(declare(parameters, settings)),
    parameters,
    settings,
    state,
  );
}

class EagerRunner implements StepRunner {
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #slots: ReadonlyMap<string, Slots>;

  constructor(
    readonly backend: Backend,
    parameters: readonly Declared[],
    readonly settings: StepSettings,
    state: TrainState,
    readonly traced: string,
  ) {
    this.#variables = createVariables(backend, declare(parameters, settings), state);
    this.#slots = slotsOf(parameters, settings, this.#variables);
  }

  step(feeds: HostFeeds): number {
    const { backend, settings } = this;
    return backend.tf.tidy(() => {
      const tensors = feedTensors(backend.tf, feeds);
      return trainingStep(backend, settings, this.#slots, stepFeeds(tensors)).dataSync()[0]!;
    });
  }

  state(): TrainState {
    return new Map([...this.#variables].map(([name, variable]) => [name, this.#read(variable)]));
  }

  #read(variable: Variable): Float32Array {
    const tensor = variable.read();
    const values = tensor.dataSync<'float32'>();
    tensor.dispose();
    return values;
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }
}

class TracedRunner implements StepRunner {
  #eager: EagerRunner | undefined;

  constructor(
    readonly backend: Backend,
    readonly program: Program,
    readonly parameters: readonly Declared[],
    readonly settings: StepSettings,
    state: TrainState,
  ) {
    program.assign(state);
  }

  get traced(): true | string {
    return this.#eager?.traced ?? true;
  }

  step(feeds: HostFeeds): number {
    return this.#eager?.step(feeds) ?? this.#tracedStep(feeds);
  }

  #tracedStep(feeds: HostFeeds): number {
    const { tf } = this.backend;
    const tensors = feedTensors(tf, feeds);
    try {
      const key = shapesOf(tensors);
      if (!this.program.has(key)) {
        const eager = this.#record(key, tensors);
        if (eager) return eager.step(feeds);
      }
      const loss = this.program.run(key, tensors);
      const value = loss.dataSync()[0]!;
      loss.dispose();
      return value;
    } finally {
      tf.dispose(tensors);
    }
  }

  /** Writes the step down for these shapes. Where that fails, all steps are eager from here on: gives their runner. */
  #record(key: string, tensors: Readonly<Record<string, TF.Tensor>>): StepRunner | undefined {
    const { backend, parameters, settings, program } = this;
    const empty = new Map<string, Float32Array>();
    const scratch = createVariables(backend, declare(parameters, settings), empty);
    const slots = slotsOf(parameters, settings, scratch);
    try {
      program.add(key, tensors, scratch, () => trainingStep(backend, settings, slots, stepFeeds(tensors)));
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const state = program.read();
      program.dispose();
      this.#eager = new EagerRunner(backend, parameters, settings, state, reason);
      return this.#eager;
    } finally {
      for (const variable of scratch.values()) variable.dispose();
    }
  }

  state(): TrainState {
    return this.#eager?.state() ?? this.program.read();
  }

  dispose(): void {
    this.#eager?.dispose();
    this.program.dispose();
  }
}

/** Variables with the values that the state has for them, else 0. */
export function createVariables(
  { variables }: Pick<Backend, 'variables'>,
  declared: readonly Declared[],
  state: TrainState,
): Map<string, Variable> {
  return new Map(declared.map(({ name, shape }) => [name, variables.create(shape, state.get(name))]));
}

function slotsOf(
  parameters: readonly Declared[],
  { optimizer }: StepSettings,
  variables: ReadonlyMap<string, Variable>,
): Map<string, Slots> {
  return new Map(
    parameters.map(({ name }): [string, Slots] => [
      name,
      {
        value: variables.get(`${PARAMETER}/${name}`)!,
        memory: memoryNames(optimizer).map((kind) => variables.get(`${kind}/${name}`)!),
      },
    ]),
  );
}

/** Host arrays as tensors, which the caller disposes of. */
export function inputTensors(
  tf: typeof TF,
  inputs: HostFeeds['inputs'],
  prefix = '',
): Record<string, TF.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      `${prefix}${name}`,
      tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  );
}

const INPUT = 'input.';

function feedTensors(tf: typeof TF, { inputs, shares, seed, rates }: HostFeeds): Record<string, TF.Tensor> {
  return {
    ...inputTensors(tf, inputs, INPUT),
    shares: tf.tensor1d(shares, 'float32'),
    seed: tf.tensor1d(seed, 'int32'),
    rates: tf.tensor1d(rates, 'float32'),
  };
}

/** Takes the inputs' prefix off. */
export function stepFeeds(tensors: Readonly<Record<string, TF.Tensor>>): Parameters<typeof trainingStep>[3] {
  const { shares, seed, rates, ...inputs } = tensors as Record<string, TF.Tensor1D>;
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name.slice(INPUT.length), tensor]),
    ),
    shares: shares!,
    seed: seed!,
    rates: rates!,
  };
}

/** Names, types and shapes of tensors: computations are recorded once for each. */
export const shapesOf = (tensors: Readonly<Record<string, TF.Tensor>>): string =>
  Object.entries(tensors)
    .map(([name, { dtype, shape }]) => `${name}:${dtype}[${shape.join()}]`)
    .join(' ');
