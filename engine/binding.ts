import type * as TF from '@tensorflow/tfjs-core';

/** TensorFlow's numbers of data types (types.proto). */
export const FLOAT = 1;
export const INT32 = 3;
const UINT8 = 4;
export const INT8 = 6;
export const INT64 = 9;
export const BOOL = 10;

/** An attribute of an operation, as the addon takes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly (boolean | number | string)[] | undefined;
}

/** A tensor that the addon holds. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The compiled addon of tfjs-node: TensorFlow's C API, a little wrapped. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: readonly number[], dtype: number, values: HostArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): HostArray;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorHandle[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are joined by commas. */
  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorHandle[];
}

export type HostArray = Float32Array | Int32Array | Uint8Array;

/** The parts of tfjs-node's backend that are used beside tfjs. */
export interface NativeBackend extends TF.KernelBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    get(dataId: object): { readonly shape: number[]; readonly dtype: number; readonly id: number };
  };
  /** What a tensor's values are called in the addon; writes them there first. */
  getInputTensorIds(tensors: readonly TF.TensorInfo[]): number[];
  createOutputTensor(handle: TensorHandle): TF.Tensor;
  readSync(dataId: object): TF.BackendValues;
}

/** A scalar of a type that tfjs does not have. */
export class Int64 {
  constructor(readonly value: number) {}
}

/** tfjs-node knows one type of a byte only; to it the other is that one. */
const known = (handle: TensorHandle): TensorHandle =>
  handle.dtype === INT8 ? { ...handle, dtype: UINT8 } : handle;

/** Runs operations of TensorFlow that tfjs has no name for. */
export class NativeOps {
  constructor(readonly backend: NativeBackend) {}

  /** @returns `outputs` tensors, owned by the current tidy */
  run(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly (TF.TensorInfo | Int64)[],
    outputs: number,
  ): TF.Tensor[] {
    const { backend } = this;
    const made: number[] = [];
    const ids = inputs.map((input) => {
      if (!(input instanceof Int64)) return backend.getInputTensorIds([input])[0]!;
      const id = backend.binding.createTensor([], INT64, Int32Array.of(input.value, 0));
      made.push(id);
      return id;
    });
    const handles = backend.binding.executeOp(name, attributes, ids, outputs);
    for (const id of made) backend.binding.deleteTensor(id);
    return handles.map((handle) => backend.createOutputTensor(known(handle)));
  }

  one(name: string, attributes: readonly Attribute[], inputs: readonly (TF.TensorInfo | Int64)[]): TF.Tensor {
    return this.run(name, attributes, inputs, 1)[0]!;
  }

  type(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_TYPE, value };
  }

  float(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_FLOAT, value };
  }

  int(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  bool(name: string, value: boolean): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  string(name: string, value: string): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  shape(name: string, value: readonly number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_SHAPE, value };
  }
}
