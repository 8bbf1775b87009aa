import { z } from 'zod';
import type { CellMeasures } from '../contracts/benchmark.js';
import { ConfigError } from '../contracts/errors.js';
import { EVIDENCE_OF_TRIALS } from '../core/benchmark/evidence.js';
import { judgeCurves, judgeDetection, judgeWeighting } from '../core/benchmark/judge.js';
import { estimatorByName, scoreSamples } from '../core/importance/index.js';
import { seeded } from '../core/random.js';
import { TrialFacts } from './benchmarkTrial.js';
import { chosenLearner } from './benchmarkLearners.js';
import { trialFromTensors } from './benchmarkTrialTable.js';
import { only, readDocument, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ estimator: z.string(), curves: z.boolean() });
type Params = z.infer<typeof Params>;

/** Scores a trial with one estimator and judges the scores. The seed is the trial's. */
export const benchmarkScore: Stage<Params> = {
  name: 'benchmarkScore',
  paramsSchema: Params,
  inputs: ['trial', 'facts'],
  summary: ({ estimator, curves }) => `${estimator}${curves ? ', with curves' : ''}`,
  async run({ params, inputs, seed }, context) {
    const ref = only(inputs, 'trial');
    const { trial, evidence } = await context.memo(`trial/${ref.sha256}`, async () =>
      trialFromTensors(await context.artifacts.readModel(ref)),
    );
    const facts = TrialFacts.parse(await readDocument(context.artifacts, only(inputs, 'facts')));
    const learner = chosenLearner(facts.chosen, { seed, signal: context.signal });
    const estimator = estimatorByName(params.estimator);
    const missing = estimator.requires.filter((kind) => !EVIDENCE_OF_TRIALS.includes(kind));
    if (missing.length > 0) {
      throw new ConfigError(
        `${estimator.name} needs ${missing.join(', ')}, which no trial has; leave it out`,
      );
    }
    const started = performance.now();
    const scores = scoreSamples(estimator, evidence, { random: seeded(seed, estimator.name) });
    const wallMs = performance.now() - started;
    context.signal.throwIfAborted();
    const detection = judgeDetection(scores, trial.noisy);
    const weighted = await judgeWeighting(trial, evidence, scores, learner);
    const curves = params.curves ? await judgeCurves(trial, scores, learner) : null;
    const measures: CellMeasures = { ...detection, accuracy: { ...facts.accuracy, ...weighted }, curves };
    const { twoMeansF1, rocAuc, averagePrecision } = detection;
    return {
      outputs: { measures: [await writeDocument(context.artifacts, measures)] },
      figures: { twoMeansF1, rocAuc, averagePrecision, wallMs },
    };
  },
};
