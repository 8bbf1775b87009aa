import { z } from 'zod';
import { evidenceOf } from '../core/choice/evidenceStrength.js';
import { weighEvidence } from '../core/choice/nestedChoice.js';
import { innerFolds, unitRows } from '../core/choice/division.js';
import { ConfigError } from '../contracts/errors.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { estimatorByName, type Evidence } from '../core/importance/index.js';
import type { Task } from '../core/tasks/index.js';
import { taskByName } from '../core/tasks/index.js';
import { choiceMetric } from './choiceMetric.js';
import { SchemeParams } from './params.js';
import { inputRows, loadPrepared, loadSamples } from './prepared.js';
import type { Stage } from './stage.js';
import { PREDICTION_COLUMNS, predictionBatches, readPredictions } from './unit.js';

const Params = z.strictObject({
  task: z.string(),
  metric: z.string().optional(),
  estimator: z.strictObject({ name: z.string(), params: z.json() }),
  policies: z.array(z.string()).min(1),
  minEffectiveSampleSize: z.number(),
  duplicateCap: z.number(),
  scheme: SchemeParams,
  unit: z.int().min(-1),
  innerFolds: z.int().min(2),
});
type Params = z.infer<typeof Params>;

/** Scores a unit's training rows by their out-of-fold evidence, and weighs them by every policy. */
export const weigh: Stage<Params> = {
  name: 'weigh',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes', 'evidence'],
  summary: ({ estimator, unit }) => `${estimator.name} scores and weights: unit ${unit}`,
  async run({ params, inputs, seed }, context) {
    const { artifacts } = context;
    const samples = await loadSamples(inputs, context);
    const task = taskByName(params.task);
    refuseSurprise(task, params.estimator.name);
    const { training } = unitRows(samples, params.scheme, params.unit);
    const byStrength = await readPredictions(inputs, 'evidence', context);
    const strengths = [...byStrength.keys()].sort((a, b) => a - b);
    const outputs = samples.classes.length;
    const grid = {
      task,
      metric: params.metric ?? choiceMetric(task, samples),
      targets: Int32Array.from(training, (row) => samples.targets[row]!),
      outputs,
      strengths,
      byStrength: strengths.map((strength) => byStrength.get(strength)!.logits),
    };
    const folds = innerFolds(samples, training, params.scheme, params.innerFolds);
    const { evidence: predicted, strength } = evidenceOf(grid, folds);
    const evidence = {
      ...predicted,
      ...(await featuresFor(params.estimator.name, training, inputs, context)),
    };
    const { scores, weighings } = weighEvidence(evidence, training, samples, {
      ...params,
      estimator: params.estimator.name,
      estimatorParams: params.estimator.params,
      seed,
    });
    const columns = [...weighings.keys()];
    const weights = await artifacts.writeTable(
      'weights',
      [{ name: 'row', type: 'int32' }, ...columns.map((name) => ({ name, type: 'float64' as const }))],
      [
        {
          rows: training.length,
          columns: {
            row: training,
            ...Object.fromEntries(columns.map((name) => [name, weighings.get(name)!.weights])),
          },
        },
      ],
    );
    const scored = await artifacts.writeTable(
      'scores',
      [
        { name: 'row', type: 'int32' },
        { name: 'score', type: 'float64' },
      ],
      [{ rows: training.length, columns: { row: training, score: scores } }],
    );
    const best = await artifacts.writeTable(
      'predictions',
      PREDICTION_COLUMNS,
      predictionBatches(training, [strength], [predicted.logits!], outputs),
    );
    return {
      outputs: { scores: [scored], weights: [weights], best: [best] },
      figures: {
        evidenceStrength: strength,
        meanScore: scores.reduce((sum, score) => sum + score, 0) / scores.length,
        ...Object.fromEntries(
          columns.flatMap((name) => [
            [`effectiveSampleSize.${name}`, weighings.get(name)!.effectiveSampleSize],
            [`mixedWithUniform.${name}`, weighings.get(name)!.mixedWithUniform],
          ]),
        ),
      },
    };
  },
};

/** Clicks surprise without being wrong: weights from label surprise would teach the model not to believe them. */
function refuseSurprise(task: Task, estimator: string): void {
  if (!task.aleatoric || !estimatorByName(estimator).usesLabelSurprise) return;
  throw new ConfigError(
    `importance.estimator: ${estimator} weighs samples by how surprising their target is, which is refused for the task ` +
      `${task.name}: its targets are random by nature, not mislabelled; use uniform, or weights of groups`,
  );
}

/** Features of the training rows, where the estimator asks for them: they are not read for nothing. */
async function featuresFor(
  name: string,
  training: Int32Array,
  inputs: Artifacts,
  context: StageContext,
): Promise<Pick<Evidence, 'features'>> {
  const { requires } = estimatorByName(name);
  if (!requires.includes('features') && !requires.includes('validation')) return {};
  const { input } = await loadPrepared(inputs, context);
  const features = inputRows(input, training);
  if (features.kind === 'sparse' || features.kind === 'dense') return { features };
  throw new ConfigError(
    `importance.estimator: ${name} needs features, and this model is fed ${features.kind === 'pair' ? 'pairs of texts' : 'sequences of tokens'}: ` +
      'take an estimator of out-of-fold predictions (pvi, noise_posterior, …), or a model of feature columns',
  );
}
