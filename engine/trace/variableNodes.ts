import { FLOAT, INT32, type Attribute, type NativeOps } from '../binding.js';
import type { GraphNode } from './graphDef.js';

/** Names of what a graph has for its i-th variable. */
export const variableNames = (i: number) => ({
  variable: `variable.${i}`,
  /** Fed with a value when `given` is fetched. */
  value: `value.${i}`,
  given: `given.${i}`,
  /** Fetched, sets the variable to 0. */
  cleared: `cleared.${i}`,
  read: `read.${i}`,
});

/** Variables of these shapes, and how they are set and read. */
export function variableNodes(native: NativeOps, shapes: readonly (readonly number[])[]): GraphNode[] {
  return [
    constant(native, 'zero', [], Float32Array.of(0)),
    ...shapes.flatMap((shape, i) => nodesOf(native, shape, i)),
  ];
}

function nodesOf(native: NativeOps, shape: readonly number[], i: number): GraphNode[] {
  const { variable, value, given, cleared, read } = variableNames(i);
  const dtype = [native.type('dtype', FLOAT)];
  const type = [native.type('T', FLOAT)];
  const sized = [...dtype, native.shape('shape', shape)];
  const named = [native.string('container', ''), native.string('shared_name', variable)];
  const indexed = [...type, native.type('index_type', INT32)];
  return [
    node(variable, 'VarHandleOp', [], [...sized, ...named]),
    node(read, 'ReadVariableOp', [variable], dtype),
    node(value, 'Placeholder', [], sized),
    // What is fed may be the caller's memory, which a kernel that updates in place would write into.
    node(`own.${i}`, 'DeepCopy', [value], type),
    node(`assign.${i}`, 'AssignVariableOp', [variable, `own.${i}`], dtype),
    node(given, 'Identity', ['zero', `^assign.${i}`], type),
    constant(native, `shape.${i}`, [shape.length], Int32Array.from(shape)),
    node(`zeros.${i}`, 'Fill', [`shape.${i}`, 'zero'], indexed),
    // A folded constant is shared: the variable gets memory of its own.
    node(`ownZeros.${i}`, 'DeepCopy', [`zeros.${i}`], type),
    node(`clear.${i}`, 'AssignVariableOp', [variable, `ownZeros.${i}`], dtype),
    node(cleared, 'Identity', ['zero', `^clear.${i}`], type),
  ];
}

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: readonly Attribute[],
): GraphNode => ({ name, op, inputs, attributes });

function constant(
  native: NativeOps,
  name: string,
  shape: readonly number[],
  values: Float32Array | Int32Array,
): GraphNode {
  const dtype = values instanceof Int32Array ? INT32 : FLOAT;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { ...node(name, 'Const', [], [native.type('dtype', dtype)]), value: { dtype, shape, bytes } };
}
