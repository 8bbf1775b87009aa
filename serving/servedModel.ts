import type { Engine, EngineChoice } from '../contracts/engine.js';
import { StoreError } from '../contracts/errors.js';
import type { ModelVersion } from '../contracts/registry.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { treat } from '../core/cleaning/treatment.js';
import { inputColumns } from '../core/features/featurizer.js';
import { featurizerFromBatches } from '../core/features/store.js';
import { softmaxRows } from '../core/probability.js';
import { gather, texts } from '../core/table.js';
import { taskNamed } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import { createPredictor } from '../models/predictor.js';

/** Column that a model reads, and whether its values are numbers. */
export interface InputColumn {
  readonly name: string;
  readonly isNumeric: boolean;
  /** Of vectors: how many numbers. */
  readonly width?: number;
  /** Says which rows belong together (to a query): they are answered together, in one batch. */
  readonly isGroup?: true;
}

/** A registered model, loaded and ready to answer. */
export interface ServedModel {
  readonly version: ModelVersion;
  /** `catalogue@3` */
  readonly name: string;
  readonly columns: readonly InputColumn[];
  readonly classes: readonly string[]; // (K,)
  /** Class probabilities, (rows × K), row-major. Rows are clipped and filled as in training first. */
  probabilities(batch: ColumnBatch): Float64Array;
  /** Of models that put rows in order: what by, (rows,), highest first, given the rows' probabilities. */
  readonly scores?: (probabilities: Float64Array) => Float64Array;
}

/** Where models and engines come from. */
export interface ModelSource {
  readonly artifacts: ArtifactStore;
  /** Asked only for models that compute with one. */
  readonly engine: (choice: EngineChoice) => Promise<Engine>;
}

/**
 * Loads a version from the store.
 *
 * @throws StoreError where something of it is gone
 */
export async function loadServedModel(version: ModelVersion, source: ModelSource): Promise<ServedModel> {
  const { artifacts } = source;
  const name = `${version.name}@${version.version}`;
  const { weights, featurizer: features, classes } = version.artifacts;
  for (const ref of [weights, features, classes]) {
    if (await artifacts.verify(ref)) continue;
    throw new StoreError(
      `${name} can't answer: its ${ref.kind} ${ref.sha256.slice(0, 12)} is gone from the store (forgotten, or another store)`,
    );
  }
  const batches: ColumnBatch[] = [];
  for await (const batch of artifacts.readTable(features)) batches.push(batch);
  const featurizer = featurizerFromBatches(batches);
  const known = texts(await gather(artifacts.readTable(classes)), 'name') as readonly string[];
  const { usesEngine } = modelByName(version.model.name);
  const predictor = createPredictor({
    ...{ model: version.model.name, featurizer, classes: known },
    tensors: await artifacts.readModel(weights),
    ...(usesEngine ? { engine: await source.engine(version.engine) } : {}),
  });
  const columns = inputColumns(featurizer).map((column) => inputColumn(column, version));
  const group = columns.find(({ isGroup }) => isGroup)?.name;
  const scores = scoring(version, known.length);
  return {
    ...{ version, name, classes: known, columns },
    probabilities: (batch) =>
      softmaxRows(predictor.logits(treat(withGroup(batch, group), version.treatment)).values, known.length),
    ...(scores ? { scores } : {}),
  };
}

function inputColumn(name: string, { columns }: ModelVersion): InputColumn {
  if (name === 'group') return { name: columns.group ?? name, isNumeric: false, isGroup: true };
  const width = columns.vectors?.[name];
  return { name, isNumeric: columns.numeric.includes(name), ...(width === undefined ? {} : { width }) };
}

/** Features know the column that the rows' owners named as `group`, read as training read it. */
function withGroup(batch: ColumnBatch, name: string | undefined): ColumnBatch {
  if (name === undefined) return batch;
  const group = texts(batch, name).map(groupName);
  return { rows: batch.rows, columns: { ...batch.columns, group } };
}

/** The group that a cell names, spaces around it apart; null: none. */
export const groupName = (cell: string | null): string | null => cell?.trim() || null;

/** Logits are log probabilities but for a constant of the row; a probability that underflowed counts as the least there is. */
function scoring({ task }: ModelVersion, cols: number): ServedModel['scores'] {
  const scores = taskNamed(task)?.scores;
  if (!scores) return undefined;
  return (probabilities) =>
    scores({
      ...{ rows: probabilities.length / cols, cols },
      values: probabilities.map((p) => Math.log(Math.max(p, Number.MIN_VALUE))),
    });
}

/** A row's answer: the most probable class, and others after it. */
export interface Answer {
  readonly label: string;
  readonly probability: number;
  /** What rows are put in order by, highest first; of models that rank. */
  readonly score?: number;
  /** The most probable classes, most probable first. */
  readonly top: readonly { readonly label: string; readonly probability: number }[];
}

/** Answers of every row. @param probabilities what the model says, (rows × K); @param top how many classes to name */
export function answersOf(
  probabilities: Float64Array,
  { classes, scores }: Pick<ServedModel, 'classes' | 'scores'>,
  top: number,
): Answer[] {
  const width = classes.length;
  const ranked = scores?.(probabilities);
  return Array.from({ length: probabilities.length / width }, (_, row) => {
    const own = probabilities.subarray(row * width, (row + 1) * width);
    const order = best(own, Math.max(1, Math.min(top, width)));
    const named = order.map((k) => ({ label: classes[k]!, probability: own[k]! }));
    return { ...named[0]!, ...(ranked ? { score: ranked[row]! } : {}), top: top > 0 ? named : [] };
  });
}

/** Positions of the largest values, largest first; of equals the first. */
function best(values: Float64Array, count: number): number[] {
  const found: number[] = [];
  for (let k = 0; k < values.length; k++) {
    if (found.length === count && values[k]! <= values[found[count - 1]!]!) continue;
    let at = found.length;
    while (at > 0 && values[found[at - 1]!]! < values[k]!) at--;
    found.splice(at, 0, k);
    if (found.length > count) found.pop();
  }
  return found;
}

/**
 * Weighted mean of several models' probabilities, Σ wᵢpᵢ / Σ wᵢ; classes are matched by name, and a class that a model does not
 * know has probability 0 there.
 *
 * @param classes of the result, (K,)
 * @returns (rows × K)
 * @throws RangeError unless the weights are non-negative and one is positive
 */
export function blend(
  members: readonly {
    readonly weight: number;
    readonly classes: readonly string[];
    readonly probabilities: Float64Array;
  }[],
  classes: readonly string[],
): Float64Array {
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total) || members.some(({ weight }) => !(weight >= 0))) {
    throw new RangeError(
      `weights of an ensemble: expected non-negative numbers, one of them positive, got ${members.map(({ weight }) => weight).join(', ')}`,
    );
  }
  const rows = members[0]!.probabilities.length / members[0]!.classes.length;
  const blended = new Float64Array(rows * classes.length);
  for (const { weight, classes: own, probabilities } of members) {
    const place = own.map((name) => classes.indexOf(name));
    for (let row = 0; row < rows; row++) {
      place.forEach((at, k) => {
        blended[row * classes.length + at]! += (weight / total) * probabilities[row * own.length + k]!;
      });
    }
  }
  return blended;
}
