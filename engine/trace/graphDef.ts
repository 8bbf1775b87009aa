import protobuf from 'protobufjs/light.js';
import type { Attribute, Binding } from '../binding.js';

/** An operation of a graph. Inputs are `node`, `node:output` or `^node` (runs after it). */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly Attribute[];
  /** Of a `Const`. */
  readonly value?: { readonly dtype: number; readonly shape: readonly number[]; readonly bytes: Uint8Array };
}

/** What the graph is written for: the oldest TensorFlow that may read it knows this version. */
const GRAPH_VERSION = { producer: 1395, minConsumer: 12 };
export const TAG = 'serve';

const field = (id: number, type: string, rule?: 'repeated'): protobuf.IField => ({
  id,
  type,
  ...(rule ? { rule } : {}),
});

/** The few fields of TensorFlow's messages that a graph needs. */
const { nested } = {
  nested: {
    Dim: { fields: { size: field(1, 'int64') } },
    Shape: { fields: { dim: field(2, 'Dim', 'repeated') } },
    TensorProto: {
      fields: { dtype: field(1, 'int32'), tensorShape: field(2, 'Shape'), tensorContent: field(4, 'bytes') },
    },
    ListValue: {
      fields: {
        s: field(2, 'bytes', 'repeated'),
        i: field(3, 'int64', 'repeated'),
        f: field(4, 'float', 'repeated'),
        b: field(5, 'bool', 'repeated'),
        type: field(6, 'int32', 'repeated'),
      },
    },
    AttrValue: {
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor'] } },
      fields: {
        list: field(1, 'ListValue'),
        s: field(2, 'bytes'),
        i: field(3, 'int64'),
        f: field(4, 'float'),
        b: field(5, 'bool'),
        type: field(6, 'int32'),
        shape: field(7, 'Shape'),
        tensor: field(8, 'TensorProto'),
      },
    },
    NodeDef: {
      fields: {
        name: field(1, 'string'),
        op: field(2, 'string'),
        input: field(3, 'string', 'repeated'),
        attr: { keyType: 'string', type: 'AttrValue', id: 5 },
      },
    },
    Versions: { fields: { producer: field(1, 'int32'), minConsumer: field(2, 'int32') } },
    GraphDef: { fields: { node: field(1, 'NodeDef', 'repeated'), versions: field(4, 'Versions') } },
    MetaInfo: { fields: { tags: field(4, 'string', 'repeated') } },
    MetaGraph: { fields: { metaInfo: field(1, 'MetaInfo'), graph: field(2, 'GraphDef') } },
    SavedModel: {
      fields: { schemaVersion: field(1, 'int64'), metaGraphs: field(2, 'MetaGraph', 'repeated') },
    },
  },
};

const SavedModel = protobuf.Root.fromJSON({ nested }).lookupType('SavedModel');

/**
 * A graph as the bytes of `saved_model.pb`.
 *
 * @source https://github.com/tensorflow/tensorflow, core/framework/graph.proto and core/protobuf/saved_model.proto
 */
export function encodeSavedModel(nodes: readonly GraphNode[], binding: Binding): Uint8Array {
  const node = nodes.map(({ name, op, inputs, attributes, value }) => ({
    name,
    op,
    input: inputs,
    attr: Object.fromEntries([
      ...attributes.map((attribute) => [attribute.name, attributeValue(attribute, binding)]),
      ...(value
        ? [
            [
              'value',
              {
                tensor: { dtype: value.dtype, tensorShape: shapeOf(value.shape), tensorContent: value.bytes },
              },
            ],
          ]
        : []),
    ]) as Record<string, unknown>,
  }));
  const graph = { node, versions: GRAPH_VERSION };
  const model = { schemaVersion: 1, metaGraphs: [{ metaInfo: { tags: [TAG] }, graph }] };
  return SavedModel.encode(SavedModel.create(model)).finish();
}

const shapeOf = (shape: readonly number[]): object => ({ dim: shape.map((size) => ({ size })) });

function attributeValue({ type, value }: Attribute, binding: Binding): object {
  const key = new Map([
    [binding.TF_ATTR_STRING, 's'],
    [binding.TF_ATTR_INT, 'i'],
    [binding.TF_ATTR_FLOAT, 'f'],
    [binding.TF_ATTR_BOOL, 'b'],
    [binding.TF_ATTR_TYPE, 'type'],
  ]).get(type);
  if (type === binding.TF_ATTR_SHAPE) return { shape: shapeOf(value as number[]) };
  if (key === undefined) throw new RangeError(`attribute of type ${type} can't be written into a graph`);
  const plain = (one: unknown): unknown => (key === 's' ? Buffer.from(String(one)) : one);
  return Array.isArray(value) ? { list: { [key]: value.map(plain) } } : { [key]: plain(value) };
}
