import { withoutDuplicatesOf, type Divided, type UnitRows } from './division.js';
import { evidenceOf, type OutOfFold, type PickedEvidence } from './evidenceStrength.js';
import { poolLogits } from './pooling.js';
import { refinements } from './refinement.js';
import type { WeighingSettings } from './weighScores.js';

/**
 * Trains on `unit.training` once for each strength, and predicts `unit.heldOut`.
 *
 * @param weights of the training rows, in their order
 * @param strengths those of the settings, where they are left out
 */
export type FitPath = (
  unit: UnitRows,
  weights: Float64Array,
  strengths?: readonly number[],
) => Promise<readonly Float64Array[]>;

/** What out-of-fold evidence is made by. */
export interface EvidenceSettings extends Omit<WeighingSettings, 'policies'> {
  readonly metric: string;
  readonly outputs: number; // K
  readonly strengths: readonly number[]; // strongest regularisation first
  readonly innerFolds: number;
  /** How often models are trained again, with the weights of the evidence so far. @default 0 */
  readonly refinements?: number;
}

type EvidenceGround = Pick<Divided, 'targets' | 'groups' | 'clusters'>;

/**
 * Trains on all folds but one, for each of them, and takes the strength that predicts given labels best.
 *
 * @param rows ascending
 * @param folds of these rows, in their order
 * @param current weights of these rows, in their order
 */
export async function outOfFoldEvidence(
  rows: Int32Array,
  folds: Int32Array,
  ground: EvidenceGround,
  settings: EvidenceSettings,
  fit: FitPath,
  current: Float64Array = new Float64Array(rows.length).fill(1),
): Promise<PickedEvidence> {
  const sides = foldSides(rows, folds, ground, settings.innerFolds);
  const predict = async (weights: Float64Array, strengths: readonly number[]): Promise<OutOfFold[]> => {
    const parts = [];
    for (const { unit, positions } of sides) {
      const own = Float64Array.from(positions, (at) => weights[at]!);
      parts.push({ rows: unit.heldOut, byStrength: await fit(unit, own, strengths) });
    }
    const pooled = poolLogits(parts, rows, settings.outputs);
    return pooled.map((logits, s) => ({ strength: strengths[s]!, logits }));
  };
  const given = {
    targets: rows.map((row) => ground.targets[row]!),
    groups: rows.map((row) => ground.groups[row]!),
  };
  const grid = { ...settings, ...given, predicted: await predict(current, settings.strengths) };
  let refined: OutOfFold[] | undefined;
  for (let round = 0; round < (settings.refinements ?? 0); round++) {
    const again = refinements(grid, refined, rows, ground, settings);
    refined = [];
    for (const { strength, weights } of again) refined.push(...(await predict(weights, [strength])));
  }
  return evidenceOf(grid, folds, refined);
}

/** For each fold the rows that are trained on and held out, and where the former are among `rows`. */
function foldSides(
  rows: Int32Array,
  folds: Int32Array,
  { clusters }: EvidenceGround,
  count: number,
): { readonly unit: UnitRows; readonly positions: Int32Array }[] {
  const positionOf = new Map([...rows].map((row, i) => [row, i]));
  return Array.from({ length: count }, (_, fold) => {
    const heldOut = rows.filter((_, i) => folds[i] === fold);
    const others = rows.filter((_, i) => folds[i] !== fold);
    const training = withoutDuplicatesOf(heldOut, others, clusters);
    return { unit: { training, heldOut }, positions: training.map((row) => positionOf.get(row)!) };
  });
}
