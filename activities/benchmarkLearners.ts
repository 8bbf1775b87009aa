import type { LearnerName } from '../contracts/benchmark.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import { blended } from '../core/benchmark/blend.js';
import type { TrialLearner } from '../core/benchmark/trial.js';
import { findByName } from '../core/nearestName.js';
import { modelByName } from '../models/index.js';

/** Few and shallow trees: of a thousand rows some hundred have wrong labels. */
const BOOSTING = { kind: 'histogramGradientBoosting', trees: 40, learningRate: 0.1, maxLeaves: 8 };

const CANDIDATES = [
  { name: 'logistic C=0.1', family: 'logistic', model: 'linear', params: { C: 0.1 } },
  { name: 'logistic C=1', family: 'logistic', model: 'linear', params: { C: 1 } },
  { name: 'logistic C=10', family: 'logistic', model: 'linear', params: { C: 10 } },
  { name: 'trees', family: 'trees', model: 'trees', params: BOOSTING },
] as const;

/** What learners of a trial share. */
export interface LearnerSettings {
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** The candidates that a setting stands for, the simplest first. */
export const benchmarkLearners = (wanted: LearnerName, settings: LearnerSettings): TrialLearner[] =>
  CANDIDATES.filter(({ family }) => wanted === 'auto' || family === wanted).map((one) =>
    learnerOf(one, settings),
  );

/** The learner that was chosen, by the names of its parts. */
export const chosenLearner = (names: readonly string[], settings: LearnerSettings): TrialLearner =>
  blended(names.map((name) => learnerOf(findByName('benchmark learner', CANDIDATES, name), settings)));

const learnerOf = (
  { name, family, model: modelName, params }: (typeof CANDIDATES)[number],
  { seed, signal }: LearnerSettings,
): TrialLearner => ({
  name,
  family,
  async fit({ matrix, targets }, outputs, sampleWeights) {
    const model = modelByName(modelName);
    const training = { input: { kind: 'sparse' as const, matrix }, targets, outputs, sampleWeights };
    const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const sinks = { breathe, signal };
    const fitted = await model.fit(training, model.paramsSchema.parse(params), { seed, sinks });
    return (rows: CsrMatrix) => fitted.predictLogits({ kind: 'sparse', matrix: rows });
  },
});
