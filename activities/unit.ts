import type { ColumnSpec } from '../contracts/artifact.js';
import type { Loss, ModelInput, TrainingSet } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { gather, integers, numbers, vectors } from '../core/table.js';
import { inputRows, only } from './prepared.js';

export const PREDICTION_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'strength', type: 'float64' },
  { name: 'logits', type: 'float64[]' },
] as const satisfies readonly ColumnSpec[];

/** Weight of every sample of the run, by row; 1 where the policy is uniform. Rows without a weight have NaN. */
export async function readWeights(
  inputs: Artifacts,
  policy: string,
  rows: number,
  { artifacts }: StageContext,
): Promise<Float64Array> {
  if (policy === 'uniform') return new Float64Array(rows).fill(1);
  const table = await gather(artifacts.readTable(only(inputs, 'weights'), { columns: ['row', policy] }));
  const weights = new Float64Array(rows).fill(NaN);
  const values = numbers(table, policy);
  integers(table, 'row').forEach((row, i) => (weights[row] = values[i]!));
  return weights;
}

/** Weights of the given rows, brought to mean 1 over them. */
export function trainingWeights(rows: Int32Array, weights: Float64Array): Float64Array {
  const chosen = Float64Array.from(rows, (row) => weights[row]!);
  const mean = chosen.reduce((sum, weight) => sum + weight, 0) / chosen.length;
  return chosen.map((weight) => weight / mean);
}

/** Importance over propensity: the two are kept apart up to here, where they are multiplied once. */
function withPropensities({ propensities }: PreparedSamples, weights: Float64Array): Float64Array {
  return propensities ? weights.map((weight, row) => weight / propensities[row]!) : weights;
}

/** The given rows, ready to train on; by cross entropy unless a loss is named. */
export function trainingSet(
  samples: PreparedSamples,
  rows: Int32Array,
  weights: Float64Array,
  loss?: Loss,
): TrainingSet {
  return {
    input: inputRows(samples.input, rows),
    targets: Int32Array.from(rows, (row) => samples.targets[row]!),
    outputs: samples.classes.length,
    sampleWeights: trainingWeights(rows, withPropensities(samples, weights)),
    groups: Int32Array.from(rows, (row) => samples.groups[row]!),
    ...(loss ? { loss } : {}),
  };
}

export const heldOutInput = (samples: PreparedSamples, rows: Int32Array): ModelInput =>
  inputRows(samples.input, rows);

/** One batch a strength, rows ascending. */
export const predictionBatches = (
  rows: Int32Array,
  strengths: readonly number[],
  logits: readonly Float64Array[],
  outputs: number,
): ColumnBatch[] =>
  strengths.map((strength, s) => ({
    rows: rows.length,
    columns: {
      row: rows,
      strength: new Float64Array(rows.length).fill(strength),
      logits: { width: outputs, values: logits[s]! },
    },
  }));

/** Predictions of some rows at one strength. */
export interface Predictions {
  readonly rows: Int32Array; // ascending
  readonly outputs: number;
  readonly logits: Float64Array; // (rows, outputs)
}

/** Reads several tables of predictions as one for each strength; rows ascend. */
export async function readPredictions(
  inputs: Artifacts,
  name: string,
  context: StageContext,
): Promise<Map<number, Predictions>> {
  const collected = new Map<number, { row: number; logits: Float64Array }[]>();
  for (const ref of inputs[name] ?? []) {
    for await (const batch of context.artifacts.readTable(ref)) {
      const { width, values } = vectors(batch, 'logits');
      const rows = integers(batch, 'row');
      numbers(batch, 'strength').forEach((strength, i) => {
        const held = collected.get(strength) ?? [];
        if (held.length === 0) collected.set(strength, held);
        held.push({ row: rows[i]!, logits: values.subarray(i * width, (i + 1) * width) });
      });
    }
  }
  return new Map([...collected].map(([strength, held]) => [strength, inRowOrder(held)]));
}

function inRowOrder(held: { row: number; logits: Float64Array }[]): Predictions {
  held.sort((a, b) => a.row - b.row);
  const outputs = held[0]!.logits.length;
  const logits = new Float64Array(held.length * outputs);
  held.forEach((one, i) => logits.set(one.logits, i * outputs));
  return { rows: Int32Array.from(held, ({ row }) => row), outputs, logits };
}
