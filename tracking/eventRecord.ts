import protobuf from 'protobufjs';
import { maskedCrc32c } from './crc32c.js';

/** A bin of a histogram. */
interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** A value of an event under its tag. */
export type EventValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: readonly Bin[] }
  | { readonly tag: string; readonly text: string };

interface TrackedEvent {
  readonly wallTime: number; // seconds since 1970
  readonly step: number;
  /** Of the first record of a file. */
  readonly fileVersion?: string;
  readonly values?: readonly EventValue[];
}

/** As much of TensorBoard's event.proto, summary.proto and tensor.proto as is written here. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
  message Summary { repeated Value value = 1; }
  message Value { string tag = 1; SummaryMetadata metadata = 9; oneof value { float simple_value = 2; Histogram histo = 5; Tensor tensor = 8; } }
  message SummaryMetadata { PluginData plugin_data = 1; }
  message PluginData { string plugin_name = 1; }
  message Histogram { double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5; repeated double bucket_limit = 6 [packed = true]; repeated double bucket = 7 [packed = true]; }
  message Tensor { int32 dtype = 1; Shape tensor_shape = 2; repeated bytes string_val = 8; }
  message Shape { repeated Dim dim = 2; }
  message Dim { int64 size = 1; }
`);
const Event = root.lookupType('Event');
const DT_STRING = 7;

/**
 * An event as a TFRecord: length, its checksum, the event, its checksum.
 *
 * @source TensorFlow, core/lib/io/record_writer.h
 */
export function encodeEvent({ wallTime, step, fileVersion, values = [] }: TrackedEvent): Buffer {
  const what = fileVersion === undefined ? { summary: { value: values.map(valueOf) } } : { fileVersion };
  const data = Event.encode(Event.fromObject({ wallTime, step, ...what })).finish();
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

function valueOf(value: EventValue): object {
  const { tag } = value;
  if ('scalar' in value) return { tag, simpleValue: value.scalar };
  if ('histogram' in value) return { tag, histo: histogramOf(value.histogram) };
  const tensor = {
    dtype: DT_STRING,
    tensorShape: { dim: [{ size: 1 }] },
    stringVal: [Buffer.from(value.text).toString('base64')],
  };
  return { tag, metadata: { pluginData: { pluginName: 'text' } }, tensor };
}

/** Sums are of the middles of bins: the values themselves are not known here. */
function histogramOf(bins: readonly Bin[]): object {
  const num = bins.reduce((sum, { count }) => sum + count, 0);
  const middle = ({ low, high }: Bin): number => (low + high) / 2;
  return {
    min: bins[0]?.low ?? 0,
    max: bins.at(-1)?.high ?? 0,
    num,
    sum: bins.reduce((sum, bin) => sum + bin.count * middle(bin), 0),
    sumSquares: bins.reduce((sum, bin) => sum + bin.count * middle(bin) ** 2, 0),
    bucketLimit: bins.map(({ high }) => high),
    bucket: bins.map(({ count }) => count),
  };
}
