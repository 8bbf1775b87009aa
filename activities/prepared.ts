import type { ArtifactRef } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { DenseMatrix } from '../contracts/matrix.js';
import type { ModelInput, SequenceBatch } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import { gatherBlocks, selectBlockRows } from '../core/blockMatrix.js';
import { selectRows } from '../core/sparse.js';
import { gather, integers, numbers, texts } from '../core/table.js';
import { readFeatures } from './featureTable.js';

/** The one artifact of an input. @throws StoreError naming the input that the workflow should have given */
export function only(inputs: Artifacts, name: string): ArtifactRef {
  const [ref] = inputs[name] ?? [];
  if (!ref) throw new StoreError(`input "${name}" is missing; given: ${Object.keys(inputs).join(', ')}`);
  return ref;
}

/** Everything about the samples but their features. */
export type SampleTable = Omit<PreparedSamples, 'input'>;

/** Reads the samples' table once a process. */
export function loadSamples(inputs: Artifacts, { artifacts, memo }: StageContext): Promise<SampleTable> {
  const samples = only(inputs, 'samples');
  const classes = only(inputs, 'classes');
  return memo(`samples/${samples.sha256}/${classes.sha256}`, () => readSamples(artifacts, samples, classes));
}

/** Everything about the samples but their features, from their two tables. */
export async function readSamples(
  artifacts: ArtifactStore,
  samples: ArtifactRef,
  classes: ArtifactRef,
): Promise<SampleTable> {
  const table = await gather(artifacts.readTable(samples));
  const names = await gather(artifacts.readTable(classes));
  return {
    ids: texts(table, 'id') as readonly string[],
    split: Uint8Array.from(integers(table, 'split')),
    targets: integers(table, 'target'),
    groups: integers(table, 'group'),
    ...(table.columns['fold_group'] ? { foldGroups: integers(table, 'fold_group') } : {}),
    ...(table.columns['propensity'] ? { propensities: numbers(table, 'propensity') } : {}),
    clusters: integers(table, 'cluster'),
    classes: texts(names, 'name') as readonly string[],
  };
}

/** Reads samples and features once a process: folds, candidates and rounds share them. */
export async function loadPrepared(inputs: Artifacts, context: StageContext): Promise<PreparedSamples> {
  const samples = await loadSamples(inputs, context);
  const features = only(inputs, 'features');
  const input = await context.memo(`features/${features.sha256}`, () =>
    readFeatures(context.artifacts, features, samples.ids.length),
  );
  return { ...samples, input };
}

/** Rows of an input of any kind that models take, in the given order; of blocks it has to be their own. */
export function inputRows(input: ModelInput, rows: Int32Array): ModelInput {
  switch (input.kind) {
    case 'sparse':
      return { kind: 'sparse', matrix: selectRows(input.matrix, rows) };
    case 'blocks':
      return { kind: 'blocks', matrix: selectBlockRows(input.matrix, rows) };
    case 'dense':
      return { kind: 'dense', matrix: denseRows(input.matrix, rows) };
    case 'sequence':
      return { kind: 'sequence', batch: sequenceRows(input.batch, rows) };
    case 'pair':
      return {
        kind: 'pair',
        first: sequenceRows(input.first, rows),
        second: sequenceRows(input.second, rows),
      };
  }
}

/** A few rows in any order, in memory whatever the input. */
export function fewRows(input: ModelInput, rows: Int32Array): ModelInput {
  if (input.kind !== 'blocks') return inputRows(input, rows);
  const distinct = Int32Array.from(new Set(rows)).sort();
  const found = gatherBlocks(selectBlockRows(input.matrix, distinct));
  return {
    kind: 'sparse',
    matrix: selectRows(
      found,
      rows.map((row) => distinct.indexOf(row)),
    ),
  };
}

function denseRows({ cols, values }: DenseMatrix, rows: Int32Array): DenseMatrix {
  const chosen = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => chosen.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return { rows: rows.length, cols, values: chosen };
}

function sequenceRows(batch: SequenceBatch, rows: Int32Array): SequenceBatch {
  const { length } = batch;
  const tokens = new Int32Array(rows.length * length);
  rows.forEach((row, i) => tokens.set(batch.tokens.subarray(row * length, (row + 1) * length), i * length));
  return { ...batch, rows: rows.length, tokens };
}

/** A document (JSON) as an artifact. */
export const writeDocument = (artifacts: ArtifactStore, value: unknown): Promise<ArtifactRef> =>
  artifacts.writeBlob('document', new TextEncoder().encode(JSON.stringify(value)), 'application/json');

export async function readDocument(artifacts: ArtifactStore, ref: ArtifactRef): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await artifacts.readBlob(ref)));
}
