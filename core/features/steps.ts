import type { CsrMatrix } from '../../contracts/matrix.js';
import type { FeaturesConfig, ReduceStep } from '../../contracts/featureSettings.js';
import { fitProjection } from '../reduction/index.js';
import type { Projection, ReductionInput } from '../reduction/reduction.js';
import { selectFeatures } from '../selection/index.js';
import { type FittedBlock, RowBuilder } from './block.js';

const SELECT = 'select';
const PROJECT = 'project';

/**
 * What is made of features that are there already. Of `select`, a feature's offset is its place before, its scale the
 * score that kept it; of `project`, a feature is `x·vector − offset`, its scale what the method calls its size.
 */
export interface FittedStep extends FittedBlock {
  readonly vectors?: readonly Float64Array[]; // (k, d), of `project`
}

/** True of what is no block but a step. */
export const isStep = ({ kind }: FittedBlock): boolean => kind === SELECT || kind === PROJECT;

/** Training rows as features, and what these are called. */
export interface StepInput extends ReductionInput {
  readonly names: readonly string[]; // (d,)
  readonly selectable: Uint8Array; // (d,), 1 where a feature may be left out
}

/** Learns selection and projections, in this order. Give it training rows only. */
export function fitSteps(
  input: StepInput,
  { select, reduce }: Pick<FeaturesConfig, 'select' | 'reduce'>,
): FittedStep[] {
  const steps: FittedStep[] = [];
  let matrix = input.matrix;
  if (select) {
    steps.push(selection(input, select));
    matrix = applySteps(steps, matrix);
  }
  for (const step of reduce) {
    const projection = projectionStep(fitProjection({ ...input, matrix }, step), step);
    steps.push(projection);
    matrix = applySteps([projection], matrix);
  }
  return steps;
}

function selection(input: StepInput, select: NonNullable<FeaturesConfig['select']>): FittedStep {
  const { kept, scores } = selectFeatures(input, input.selectable, select);
  return {
    kind: SELECT,
    columns: [],
    settings: { method: select.method, width: input.matrix.cols },
    features: Array.from(kept, (feature) => ({
      column: '',
      term: input.names[feature]!,
      offset: feature,
      scale: scores[feature]!,
    })),
  };
}

const projectionStep = ({ vectors, offsets, scales }: Projection, { method }: ReduceStep): FittedStep => ({
  kind: PROJECT,
  columns: [],
  settings: { method },
  features: vectors.map((_, c) => ({
    column: '',
    term: `${method} ${c + 1}`,
    offset: offsets[c]!,
    scale: scales[c]!,
  })),
  vectors,
});

/** Features of rows after all steps, (n, k). */
export const applySteps = (steps: readonly FittedStep[], matrix: CsrMatrix): CsrMatrix =>
  steps.reduce((made, step) => (step.vectors ? project(step, made) : pickColumns(step, made)), matrix);

function pickColumns({ features, settings }: FittedStep, matrix: CsrMatrix): CsrMatrix {
  const place = new Int32Array(Number(settings['width'])).fill(-1);
  features.forEach(({ offset }, feature) => (place[offset] = feature));
  const rows = new RowBuilder();
  for (let row = 0; row < matrix.rows; row++) {
    for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++) {
      const feature = place[matrix.indices[p]!]!;
      if (feature >= 0) rows.add(feature, matrix.values[p]!);
    }
    rows.endRow();
  }
  return rows.build(features.length);
}

function project({ features, vectors = [] }: FittedStep, matrix: CsrMatrix): CsrMatrix {
  const { rows, indptr, indices, values } = matrix;
  const cols = features.length;
  const made = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c++) {
      const vector = vectors[c]!;
      let sum = -features[c]!.offset;
      for (let p = indptr[row]!; p < indptr[row + 1]!; p++) sum += values[p]! * vector[indices[p]!]!;
      made[row * cols + c] = sum;
    }
  }
  return {
    rows,
    cols,
    indptr: Int32Array.from({ length: rows + 1 }, (_, row) => row * cols),
    indices: Int32Array.from({ length: rows * cols }, (_, at) => at % cols),
    values: made,
  };
}
