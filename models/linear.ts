import { z } from 'zod';
import { ConfigError } from '../contracts/errors.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import type { FitOptions, FittedModel, Model, ModelInput } from '../contracts/model.js';
import { linearAttribution } from '../core/linear/attribution.js';
import { fitLinear, stateFromTensors, stateTensors, type LinearStep } from '../core/linear/fit.js';
import { fitRanked } from '../core/linear/fitRanked.js';
import {
  fromTensors,
  logitsOf,
  toTensors,
  type LinearParameters,
  type Scheme,
} from '../core/linear/parameters.js';
import { checkTraining, qualityOf, queriesOf } from './trainingRows.js';

/** Parameters of the linear model. */
export const LinearParams = z.strictObject({
  C: z.number().positive().default(1).describe('strength as scikit-learn has it: larger C, weaker L2'),
  multiClass: z
    .enum(['auto', 'softmax', 'oneVsRest'])
    .default('softmax')
    .describe('auto: softmax up to five classes, one-vs-rest above; two classes are one logit in any case'),
  tolerance: z
    .number()
    .positive()
    .default(1e-3)
    .describe(
      'stops after a Newton step that lowers the loss (with L2) by no more than this share; from 0.01 on, already where the dual warm-up is that near: fast, intercept lightly penalised',
    ),
  maxIterations: z.int().positive().default(200).describe('of the Newton solver; usually 3 to 20 are needed'),
  earlyStopping: z
    .strictObject({ patience: z.int().positive().default(3).describe('iterations without better accuracy') })
    .nullable()
    .default(null)
    .describe('keep the most accurate iteration on the evaluation rows, where the fit is given some'),
});
export type LinearParams = z.infer<typeof LinearParams>;

const MOST_SOFTMAX_CLASSES = 5;

/** L2-regularised logistic regression on sparse features; the intercept is not penalised. */
export const linear: Model<LinearParams> = {
  name: 'linear',
  input: 'sparse',
  paramsSchema: LinearParams,
  losses: ['crossEntropy', 'rankNet', 'lambdaRank'],
  regularisation: { param: 'C', grid: [0.25, 1, 4, 16, 64] },
  isSolved: true,
  goesOn: () => true,
  async fit(training, params, options) {
    const { sinks, evaluation } = options;
    const start = options.warmStart ?? options.goOnFrom;
    const matrix = sparse(training.input);
    checkTraining(training, matrix.rows);
    const settings = {
      ...params,
      scheme: schemeOf(params, training.outputs),
      patience: evaluation ? params.earlyStopping?.patience : undefined,
    };
    const onStep = (step: LinearStep) => tell(step, matrix, params, sinks);
    if (training.loss && training.loss.kind !== 'crossEntropy') {
      const hooks = { signal: sinks?.signal, onStep: () => sinks?.breathe?.() ?? Promise.resolve() };
      return fitted(
        await fitRanked({ ...training, matrix }, queriesOf(training), training.loss, settings, hooks),
      );
    }
    const model = await fitLinear({ ...training, matrix }, settings, {
      start: start && fromTensors(start),
      resume: options.resumeFrom && stateFromTensors(options.resumeFrom.tensors),
      judge:
        evaluation && ((candidate) => qualityOf(evaluation, logitsOf(candidate, sparse(evaluation.input)))),
      signal: sinks?.signal,
      onStep,
    });
    return fitted(model);
  },
  load: (tensors) => fitted(fromTensors(tensors)),
};

const fitted = (model: LinearParameters): FittedModel => ({
  predictLogits: (input) => logitsOf(model, sparse(input)),
  tensors: () => toTensors(model),
  attribute: (input, contrast) => linearAttribution(model, sparse(input), contrast),
});

async function tell(
  step: LinearStep,
  matrix: CsrMatrix,
  params: LinearParams,
  sinks: FitOptions['sinks'],
): Promise<void> {
  await sinks?.breathe?.();
  const { iteration, objective, gradient } = step;
  sinks?.progress?.({
    done: iteration,
    total: params.maxIterations,
    unit: 'iterations',
    figures: { loss: objective, ...(gradient === undefined ? {} : { gradient }) },
  });
  sinks?.dynamics?.(iteration, logitsOf(step.model(), matrix));
  if (sinks?.checkpoint?.due()) {
    await sinks.checkpoint.save({ position: iteration, tensors: stateTensors(step.state()) });
  }
}

function schemeOf({ multiClass }: LinearParams, outputs: number): Scheme {
  if (multiClass !== 'auto') return multiClass;
  return outputs <= MOST_SOFTMAX_CLASSES ? 'softmax' : 'oneVsRest';
}

function sparse(input: ModelInput): CsrMatrix {
  if (input.kind === 'sparse') return input.matrix;
  throw new ConfigError(`model linear: expected sparse features, got ${input.kind}; choose another model`);
}
