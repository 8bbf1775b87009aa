/**
 * Area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half.
 *
 * @param scores (n,), higher = more likely positive
 * @param positives (n,), non-zero = positive
 * @returns in [0, 1]; 0.5 where there are no positives or no negatives (scikit-learn: undefined)
 */
export function rocAuc(
  scores: ArrayLike<number>,
  positives: ArrayLike<number | boolean>,
  weights?: ArrayLike<number>,
): number {
  const steps = thresholds(scores, positives, weights);
  const last = steps.at(-1);
  if (!last || last.positive === 0 || last.negative === 0) return 0.5;
  let area = 0;
  let before: Step = { positive: 0, negative: 0 };
  for (const step of steps) {
    area += ((step.negative - before.negative) * (step.positive + before.positive)) / 2;
    before = step;
  }
  return area / (last.positive * last.negative);
}

/**
 * Average precision Σ (Rₙ − Rₙ₋₁)·Pₙ over the distinct scores from the highest down, not interpolated.
 *
 * @param scores (n,), higher = more likely positive
 * @param positives (n,), non-zero = positive
 * @returns in [0, 1]; 0 where there are no positives, as scikit-learn
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  positives: ArrayLike<number | boolean>,
  weights?: ArrayLike<number>,
): number {
  const steps = thresholds(scores, positives, weights);
  const all = steps.at(-1)?.positive ?? 0;
  if (all === 0) return 0;
  let sum = 0;
  let before = 0;
  for (const { positive, negative } of steps) {
    if (positive > before) sum += ((positive - before) / all) * (positive / (positive + negative));
    before = positive;
  }
  return sum;
}

/** Weight of the positives and negatives that score at least as high as a threshold. */
interface Step {
  readonly positive: number;
  readonly negative: number;
}

/** One step per distinct score, from the highest down. */
export function thresholds(
  scores: ArrayLike<number>,
  positives: ArrayLike<number | boolean>,
  weights?: ArrayLike<number>,
): Step[] {
  if (positives.length !== scores.length || (weights && weights.length !== scores.length)) {
    throw new RangeError(
      `detection: expected as many positives and weights as the ${scores.length} scores, got ` +
        `${positives.length} and ${weights?.length ?? 'none'}`,
    );
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => scores[b]! - scores[a]!);
  const steps: Step[] = [];
  let positive = 0;
  let negative = 0;
  order.forEach((row, place) => {
    const weight = weights?.[row] ?? 1;
    if (positives[row]) positive += weight;
    else negative += weight;
    const next = order[place + 1];
    if (next === undefined || scores[next] !== scores[row]) steps.push({ positive, negative });
  });
  return steps;
}
