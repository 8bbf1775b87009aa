import type { FitPath } from '../../../core/choice/outOfFold.js';

/**
 * A learner for tests: weighted multinomial naive Bayes over token sets. Each strength is the inverse of its smoothing.
 *
 * @param tokens of every sample
 */
export const bayesPath =
  (
    tokens: readonly (readonly number[])[],
    targets: Int32Array,
    outputs: number,
    grid: readonly number[],
  ): FitPath =>
  (unit, weights, strengths = grid) => {
    const counts = new Map<number, Float64Array>(); // token -> weight per class
    const totals = new Float64Array(outputs);
    const classMass = new Float64Array(outputs).fill(1);
    unit.training.forEach((row, i) => {
      classMass[targets[row]!]! += weights[i]!;
      for (const token of tokens[row]!) {
        const mass = counts.get(token) ?? new Float64Array(outputs);
        mass[targets[row]!]! += weights[i]!;
        totals[targets[row]!]! += weights[i]!;
        counts.set(token, mass);
      }
    });
    const predict = (row: number, strength: number): number[] =>
      Array.from({ length: outputs }, (_, c) => {
        const known = tokens[row]!.filter((token) => counts.has(token));
        const smoothing = 1 / strength;
        const evidence = known.map((token) =>
          Math.log((counts.get(token)![c]! + smoothing) / (totals[c]! + smoothing * counts.size)),
        );
        return evidence.reduce((sum, value) => sum + value, Math.log(classMass[c]!));
      });
    return Promise.resolve(
      strengths.map((strength) =>
        Float64Array.from([...unit.heldOut].flatMap((row) => predict(row, strength))),
      ),
    );
  };
