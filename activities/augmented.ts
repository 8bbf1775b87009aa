import type { ModelInput, SequenceBatch, TrainingSet } from '../contracts/model.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { vstack } from '../core/sparse.js';
import { gather, integers, numbers } from '../core/table.js';
import { readFeatures } from './featureTable.js';
import { inputRows, only } from './prepared.js';

/** Table of where copies come from, in the order of their features. */
export const ORIGIN_COLUMNS = [
  { name: 'row', type: 'int32' }, // of the run's samples
  { name: 'share', type: 'float64' }, // of that row's weight
] as const;

/** Altered copies of training rows, as a model is fed them. */
export interface Copies {
  readonly row: Int32Array; // of the run's samples: what each is a copy of
  readonly share: Float64Array; // of that row's weight
  readonly input: ModelInput;
}

/** Altered copies of training rows; undefined where the run makes none. */
export async function readCopies(
  inputs: Artifacts,
  { artifacts, memo }: StageContext,
): Promise<Copies | undefined> {
  if (!inputs['augmented']) return undefined;
  const [features, origins] = [only(inputs, 'augmented'), only(inputs, 'origins')];
  return memo(`augmented/${features.sha256}/${origins.sha256}`, async () => {
    const table = await gather(artifacts.readTable(origins));
    const input = await readFeatures(artifacts, features, table.rows);
    return { row: integers(table, 'row'), share: numbers(table, 'share'), input };
  });
}

/**
 * A training set with the copies of its rows below them, each with its target and group and a share of its weight. A copy
 * is there only where its own row is trained on: whatever holds a row out holds its copies out.
 *
 * @param rows of the run's samples that the set holds, in its order
 */
export function withCopies(training: TrainingSet, rows: Int32Array, copies: Copies | undefined): TrainingSet {
  if (!copies) return training;
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  const chosen = Int32Array.from(copies.row.keys()).filter((copy) => place.has(copies.row[copy]!));
  const origin = chosen.map((copy) => place.get(copies.row[copy]!)!);
  const weights = Float64Array.from(
    origin,
    (at, i) => training.sampleWeights[at]! * copies.share[chosen[i]!]!,
  );
  const all = [...training.sampleWeights, ...weights];
  const mean = all.reduce((sum, weight) => sum + weight, 0) / all.length;
  return {
    ...training,
    input: below(training.input, inputRows(copies.input, chosen)),
    targets: joined(training.targets, origin),
    sampleWeights: Float64Array.from(all, (weight) => weight / mean),
    ...(training.groups ? { groups: joined(training.groups, origin) } : {}),
  };
}

const joined = (values: Int32Array, origin: Int32Array): Int32Array =>
  Int32Array.from([...values, ...origin.map((at) => values[at]!)]);

/** Rows of two inputs of one kind, one below the other. */
function below(first: ModelInput, second: ModelInput): ModelInput {
  if (first.kind === 'sparse' && second.kind === 'sparse')
    return { kind: 'sparse', matrix: vstack([first.matrix, second.matrix]) };
  if (first.kind === 'sequence' && second.kind === 'sequence')
    return { kind: 'sequence', batch: longer(first.batch, second.batch) };
  if (first.kind === 'pair' && second.kind === 'pair') {
    return {
      kind: 'pair',
      first: longer(first.first, second.first),
      second: longer(first.second, second.second),
    };
  }
  throw new RangeError(`copies of rows are stored as ${second.kind}, the rows themselves as ${first.kind}`);
}

function longer(first: SequenceBatch, second: SequenceBatch): SequenceBatch {
  const tokens = new Int32Array(first.tokens.length + second.tokens.length);
  tokens.set(first.tokens);
  tokens.set(second.tokens, first.tokens.length);
  return { ...first, rows: first.rows + second.rows, tokens };
}
