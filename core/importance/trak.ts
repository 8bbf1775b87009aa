import { z } from 'zod';
import type { DenseMatrix } from '../../contracts/matrix.js';
import { cholesky, solveCholesky } from '../matrix/cholesky.js';
import { dot, gramMatrix, rowOf, withOnes } from '../matrix/dense.js';
import type { ImportanceEstimator } from './estimator.js';
import { withEvidence } from './evidence.js';
import { residualsAt, type LastLayerSide } from './lastLayer.js';
import { narrowing } from './narrowFeatures.js';

const paramsSchema = z.strictObject({
  dimensions: z.int().positive().default(32).describe('wider features are projected at random to so many'),
  projection: z.int().positive().default(128).describe('dimensions that gradients are projected to'),
  ridge: z
    .number()
    .positive()
    .default(1e-3)
    .describe('added to ΦᵀΦ, share of its mean diagonal, where projected gradients are not independent'),
});

/** Projected gradients of the model output ln(p/(1 − p)) of the right class, of one model. */
export interface TrakModel {
  readonly train: DenseMatrix; // Φ, (n, k)
  readonly test: DenseMatrix; // (m, k)
  readonly doubt: Float64Array; // 1 − p of the right class, (n,)
}

/**
 * TRAK of the last layer, against the validation side: the mean over checkpoints of φ_valᵀ(ΦᵀΦ)⁻¹φᵢ, φ_val the mean over
 * the validation side, times the mean of 1 − pᵢ.
 *
 * @source Park et al., TRAK: Attributing Model Behavior at Scale, ICML 2023, eq. 14-17
 */
export const trak: ImportanceEstimator<z.infer<typeof paramsSchema>> = {
  name: 'trak',
  paramsSchema,
  requires: ['features', 'validation', 'checkpoints'],
  usesLabelSurprise: true,
  detectsLabelErrors: true,
  unit: 'logits',
  notes: {
    formula: '[mean_m φ_valᵀ(ΦᵀΦ)⁻¹φ_i]·[mean_m(1 − p_i)], φ = Rᵀ∇ln(p/(1 − p))',
    cost: 'M models (checkpoints) + O(M·n·k·(d·K + k))',
    higherMeans: 'it raises the margin of validation samples',
    use: 'attribution for networks, where the exact Hessian is out of reach',
    source: 'Park et al., ICML 2023',
  },
  estimate(evidence, { dimensions, projection, ridge }, random) {
    const kinds = ['features', 'validation', 'checkpoints'] as const;
    const found = withEvidence(evidence, 'trak', kinds);
    const { features, validation, targets, outputs, checkpoints } = found;
    const n = targets.length;
    if (n === 0 || validation.targets.length === 0) return new Float64Array(n);
    const narrow = narrowing(features.matrix.cols, dimensions, random);
    const [own, other] = [withOnes(narrow(features)), withOnes(narrow(validation.features))];
    const parameters = own.cols * outputs;
    const size = Math.min(projection, parameters);
    const matrix = Float64Array.from({ length: parameters * size }, () => random.normal() / Math.sqrt(size));
    const models = checkpoints.map((checkpoint): TrakModel => {
      const gradients = (side: LastLayerSide, design: DenseMatrix): DenseMatrix => {
        const outputGradients = marginGradients(residualsAt(checkpoint, side), side.targets, outputs);
        return projected(design, outputGradients, outputs, matrix, size);
      };
      const residuals = residualsAt(checkpoint, { features, targets });
      return {
        train: gradients({ features, targets }, own),
        test: meanRow(gradients(validation, other)),
        doubt: Float64Array.from(targets, (target, i) => -residuals[i * outputs + target]!),
      };
    });
    return trakScores(models, ridge);
  },
};

/**
 * Scores of each training sample for each test row, (n, m) row-major.
 *
 * @param ridge share of the mean diagonal that is added to ΦᵀΦ
 */
export function trakScores(models: readonly TrakModel[], ridge = 0): Float64Array {
  const [first] = models;
  if (!first) return new Float64Array();
  const [n, m] = [first.train.rows, first.test.rows];
  const scores = new Float64Array(n * m);
  for (const { train, test } of models) {
    const k = train.cols;
    const gram = gramMatrix(train);
    let trace = 0;
    for (let j = 0; j < k; j++) trace += gram[j * (k + 1)]!;
    for (let j = 0; j < k; j++) gram[j * (k + 1)]! += (ridge * trace) / k + (ridge > 0 ? 1e-300 : 0);
    const lower = cholesky(gram, k);
    for (let j = 0; j < m; j++) {
      const solved = solveCholesky(lower, rowOf(test, j));
      for (let i = 0; i < n; i++) scores[i * m + j]! += dot(rowOf(train, i), solved) / models.length;
    }
  }
  const doubt = meanDoubt(models);
  return scores.map((score, at) => score * doubt[Math.floor(at / m)]!);
}

/** Mean over models of 1 − p of the right class, (n,). */
export const meanDoubt = (models: readonly TrakModel[]): Float64Array =>
  (models[0]?.doubt ?? new Float64Array()).map(
    (_, i) => models.reduce((sum, { doubt }) => sum + doubt[i]!, 0) / models.length,
  );

/** ∂ ln(p_y/(1 − p_y)) / ∂z, (n, K): 1 for the right class, −p_c/(1 − p_y) for the others. */
function marginGradients(residuals: Float64Array, targets: Int32Array, outputs: number): Float64Array {
  return residuals.map((residual, at) => {
    const row = Math.floor(at / outputs);
    const target = targets[row]!;
    if (at % outputs === target) return 1;
    return -residual / Math.max(-residuals[row * outputs + target]!, 1e-12);
  });
}

/** (x̃ ⊗ u)·R of each row, (n, k). */
function projected(
  design: DenseMatrix,
  outputGradients: Float64Array,
  outputs: number,
  matrix: Float64Array,
  size: number,
): DenseMatrix {
  const values = new Float64Array(design.rows * size);
  for (let i = 0; i < design.rows; i++) {
    const into = values.subarray(i * size, (i + 1) * size);
    rowOf(design, i).forEach((x, j) => {
      for (let c = 0; c < outputs; c++) {
        const factor = x * outputGradients[i * outputs + c]!;
        const from = (j * outputs + c) * size;
        if (factor !== 0) for (let k = 0; k < size; k++) into[k]! += factor * matrix[from + k]!;
      }
    });
  }
  return { rows: design.rows, cols: size, values };
}

function meanRow({ rows, cols, values }: DenseMatrix): DenseMatrix {
  const mean = new Float64Array(cols);
  values.forEach((value, at) => (mean[at % cols]! += value / rows));
  return { rows: 1, cols, values: mean };
}
