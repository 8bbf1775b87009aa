import type { CellMeasures } from '../../contracts/benchmark.js';
import type { Evidence } from '../importance/estimator.js';
import { averagePrecision, rocAuc } from '../metrics/detection.js';
import { argmaxRows } from '../probability.js';
import { selectRows } from '../sparse.js';
import { clip } from '../weighting/clip.js';
import { weighSamples } from '../weighting/weighSamples.js';
import { discoveryCurve, f1OfSets, lowCluster, recallAtNoisy } from './detection.js';
import { evenWeights, type Trial, type TrialLearner } from './trial.js';

/** How well low scores find the noisy rows. */
export function judgeDetection(
  scores: Float64Array,
  noisy: Int32Array,
): Pick<CellMeasures, 'twoMeansF1' | 'rocAuc' | 'averagePrecision' | 'recallAtNoisy' | 'discovery'> {
  const isNoisy = new Uint8Array(scores.length);
  for (const row of noisy) isNoisy[row] = 1;
  const suspicion = scores.map((score) => -score);
  return {
    twoMeansF1: f1OfSets(lowCluster(scores), noisy),
    rocAuc: rocAuc(suspicion, isNoisy),
    averagePrecision: averagePrecision(suspicion, isNoisy),
    recallAtNoisy: recallAtNoisy(scores, noisy),
    discovery: Array.from(discoveryCurve(scores, noisy)),
  };
}

/** Test accuracy of training on everything as it is given, and without the noisy rows. */
export async function judgeBaselines(
  trial: Trial,
  learner: TrialLearner,
): Promise<Pick<CellMeasures['accuracy'], 'given' | 'oracle'>> {
  const even = evenWeights(trial.train.targets.length);
  return {
    given: await testAccuracy(trial, learner, even),
    oracle: await testAccuracy(trial, learner, without(trial.noisy, even)),
  };
}

/** Test accuracy after weighting by max(score, 0), and after leaving out the low cluster of 2-means. */
export async function judgeWeighting(
  trial: Trial,
  evidence: Evidence,
  scores: Float64Array,
  learner: TrialLearner,
): Promise<Pick<CellMeasures['accuracy'], 'clip' | 'filter'>> {
  const clipped = weighSamples(clip, { evidence, scores }).weights;
  const filtered = without(lowCluster(scores), evenWeights(scores.length));
  return {
    clip: await testAccuracy(trial, learner, clipped),
    filter: await testAccuracy(trial, learner, filtered),
  };
}

/** 5%. */
const STEPS = 20;

/**
 * Test accuracy after training on the share 1/20, 2/20 … 1 of the rows with the highest scores, and with the lowest. Read
 * from the right they are point removal from either end, from the left point addition.
 *
 * @source OpenDataVal, `remove_high_low` and `increasing_bin_removal`
 */
export async function judgeCurves(
  trial: Trial,
  scores: Float64Array,
  learner: TrialLearner,
): Promise<NonNullable<CellMeasures['curves']>> {
  const rising = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const accuracies = async (order: Int32Array): Promise<number[]> => {
    const found: number[] = [];
    for (let step = 1; step <= STEPS; step++) {
      const kept = order.subarray(0, Math.round((step / STEPS) * order.length));
      const weights = new Float64Array(order.length);
      for (const row of kept) weights[row] = 1;
      found.push(await testAccuracy(trial, learner, weights));
    }
    return found;
  };
  return { highest: await accuracies(rising.slice().reverse()), lowest: await accuracies(rising) };
}

function without(rows: Int32Array, weights: Float64Array): Float64Array {
  const kept = weights.slice();
  for (const row of rows) kept[row] = 0;
  return kept;
}

/** Where no row has a weight, the first class is guessed. */
async function testAccuracy(
  { train, test, outputs }: Trial,
  learner: TrialLearner,
  weights: Float64Array,
): Promise<number> {
  const rows = Int32Array.from(weights.keys()).filter((row) => weights[row]! > 0);
  const kept = {
    matrix: selectRows(train.matrix, rows),
    targets: rows.map((row) => train.targets[row]!),
  };
  const guesses =
    rows.length === 0
      ? new Int32Array(test.targets.length)
      : argmaxRows(
          (
            await learner.fit(
              kept,
              outputs,
              weights.filter((weight) => weight > 0),
            )
          )(test.matrix),
          outputs,
        );
  return guesses.filter((guess, i) => guess === test.targets[i]).length / guesses.length;
}
