import type * as TF from '@tensorflow/tfjs-core';
import {
  BOOL,
  FLOAT,
  INT32,
  type Attribute,
  type Binding,
  type HostArray,
  type NativeOps,
  type TensorHandle,
} from '../binding.js';
import type { GraphNode } from './graphDef.js';

/** The computation does something that a graph can't repeat; it has to be run operation by operation. */
export class NotTraceable extends Error {}

/** Types that tfjs leaves out because TensorFlow infers them eagerly: attribute → the input that has the type. */
const INFERRED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AddN: { T: 0 },
  ExpandDims: { T: 0, Tdim: 1 },
  Select: { T: 1 },
  SelectV2: { T: 1 },
};

/** Where a tensor's values come from in the graph. */
interface Source {
  readonly ref: string; // node:output
  readonly dtype: number;
  /** False for what is the same at every run. */
  readonly varies: boolean;
}

/** What has touched a variable so far: later operations wait for it where order matters. */
interface Touches {
  written: string | undefined;
  reads: string[];
}

/** Runs a computation once, writing down every operation that reaches TensorFlow. */
export class Recorder {
  readonly nodes: GraphNode[] = [];
  readonly #sources = new Map<number, Source>();
  readonly #touches = new Map<number, Touches>();
  readonly #handles = new Map<number, string>();
  /** A tensor of every shape that occurred. */
  readonly #shared = new Map<string, number>();

  /** @param prefix of the names of all nodes: graphs that are loaded together must differ in it */
  constructor(
    readonly native: NativeOps,
    readonly prefix: string,
  ) {}

  /** What is fed at every run. */
  input(name: string, tensor: TF.Tensor): void {
    const id = this.#idOf(tensor);
    const dtype = this.native.backend.tensorMap.get(tensor.dataId).dtype;
    const { native } = this;
    const ref = this.#add(
      name,
      'Placeholder',
      [],
      [native.type('dtype', dtype), native.shape('shape', tensor.shape)],
    );
    this.#sources.set(id, { ref: `${ref}:0`, dtype, varies: true });
  }

  /** A variable that the graph has under this node's name. */
  variable(node: string, handle: TF.Tensor): void {
    const id = this.#idOf(handle);
    this.#handles.set(id, node);
    this.#touches.set(id, { written: undefined, reads: [] });
  }

  /**
   * Runs `work` eagerly, recording it.
   *
   * @returns name of the node whose first output is the tensor that `work` gives, with all updates done before
   * @throws NotTraceable where values are looked at on the way
   */
  record(work: () => TF.Tensor): string {
    const { backend } = this.native;
    const { binding, readSync } = backend;
    backend.binding = this.#listening(binding);
    backend.readSync = (dataId) => {
      const id = backend.tensorMap.get(dataId).id;
      if (this.#sources.get(id)?.varies) {
        throw new NotTraceable('it looks at the values of a tensor in the middle of a step');
      }
      return readSync.call(backend, dataId);
    };
    try {
      const result = work();
      const { ref } = this.#source(this.#idOf(result), binding);
      const updates = [...this.#touches.values()].flatMap(({ written }) => (written ? [`^${written}`] : []));
      return this.#add('output', 'Identity', [ref, ...updates], [this.native.type('T', FLOAT)]);
    } finally {
      backend.binding = binding;
      backend.readSync = readSync;
      for (const id of this.#shared.values()) binding.deleteTensor(id);
      this.#shared.clear();
    }
  }

  #idOf(tensor: TF.Tensor): number {
    return this.native.backend.getInputTensorIds([tensor])[0]!;
  }

  /** The addon, with an ear at the two functions that make tensors. Its own properties are read-only. */
  #listening(binding: Binding): Binding {
    const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
      const id = binding.createTensor(shape, dtype, values);
      this.#constant(id, dtype, shape, values);
      return id;
    };
    const executeOp: Binding['executeOp'] = (name, attributes, inputs, count) => {
      const sources = inputs.map((id) => this.#source(id, binding));
      // What has no output changes variables: of scratch ones nobody needs the value afterwards.
      const outputs = count === 0 ? [] : binding.executeOp(name, attributes, inputs, count);
      const varies = sources.some((source) => source.varies);
      const kept = varies ? outputs.map((output) => this.#lighten(binding, output)) : outputs;
      this.#operation(name, attributes, inputs, sources, kept, varies);
      return kept;
    };
    return Object.create(binding, {
      createTensor: { value: createTensor },
      executeOp: { value: executeOp },
    }) as Binding;
  }

  #constant(id: number, dtype: number, shape: readonly number[], values: HostArray): void {
    // The tensor keeps the very array; a copy is what the graph keeps.
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    const name = `c${this.nodes.length}`;
    const attributes = [this.native.type('dtype', dtype)];
    const node = `${this.prefix}/${name}`;
    this.nodes.push({
      name: node,
      op: 'Const',
      inputs: [],
      attributes,
      value: { dtype, shape: [...shape], bytes },
    });
    this.#sources.set(id, { ref: `${node}:0`, dtype, varies: false });
  }

  /** Where a tensor comes from; one that was there before the recording stays as it is now. */
  #source(id: number, binding: Binding): Source {
    const known = this.#sources.get(id);
    if (known) return known;
    const handle = this.#handles.get(id);
    if (handle !== undefined) return { ref: handle, dtype: FLOAT, varies: true };
    const values = binding.tensorDataSync(id);
    const type = values instanceof Float32Array ? FLOAT : values instanceof Int32Array ? INT32 : BOOL;
    const { native } = this;
    const [shape] = binding.executeOp(
      'Shape',
      [native.type('T', type), native.type('out_type', INT32)],
      [id],
      1,
    );
    this.#constant(id, type, [...binding.tensorDataSync(shape!.id)], values);
    binding.deleteTensor(shape!.id);
    return this.#sources.get(id)!;
  }

  /**
   * Of a tensor that varies only the shape matters here: all of one shape share their memory, so that a recording needs
   * little of it although nothing is given free before its end.
   */
  #lighten(binding: Binding, output: TensorHandle): TensorHandle {
    const key = `${output.dtype}[${output.shape.join()}]`;
    const shared = this.#shared.get(key);
    const again = (id: number): number =>
      binding.executeOp('Identity', [this.native.type('T', output.dtype)], [id], 1)[0]!.id;
    if (shared === undefined) {
      this.#shared.set(key, again(output.id));
      return output;
    }
    binding.deleteTensor(output.id);
    return { ...output, id: again(shared) };
  }

  #operation(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    sources: readonly Source[],
    outputs: readonly TensorHandle[],
    varies: boolean,
  ): void {
    const given = attributes.filter(({ value }) => value !== undefined);
    const inferred = Object.entries(INFERRED[op] ?? {})
      .filter(([name]) => !given.some((attribute) => attribute.name === name))
      .map(([name, input]) => this.native.type(name, sources[input]!.dtype));
    const touched = inputs.flatMap((id) => this.#touches.get(id) ?? []);
    const isRead = op === 'ReadVariableOp';
    const waits = touched.flatMap(({ written, reads }) => [
      ...(written === undefined ? [] : [written]),
      ...(isRead ? [] : reads),
    ]);
    const refs = [...sources.map(({ ref }) => ref), ...[...new Set(waits)].map((node) => `^${node}`)];
    const node = this.#add(`${op}.${this.nodes.length}`.replace(/^_/, ''), op, refs, [...given, ...inferred]);
    for (const touches of touched) {
      if (isRead) touches.reads.push(node);
      else Object.assign(touches, { written: node, reads: [] });
    }
    outputs.forEach(({ id, dtype }, k) => this.#sources.set(id, { ref: `${node}:${k}`, dtype, varies }));
  }

  #add(name: string, op: string, inputs: readonly string[], attributes: readonly Attribute[]): string {
    const node = `${this.prefix}/${name}`;
    this.nodes.push({ name: node, op, inputs, attributes });
    return node;
  }
}
