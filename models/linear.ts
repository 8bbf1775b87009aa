import { z } from 'zod';
import { ConfigError } from '../contracts/errors.js';
import type { BlockMatrix, CsrMatrix } from '../contracts/matrix.js';
import type { FitOptions, FittedModel, Model, ModelInput, TrainingSet } from '../contracts/model.js';
import { blocksOf } from '../core/blockMatrix.js';
import { linearAttribution } from '../core/linear/attribution.js';
import { fitLinear, stateFromTensors, stateTensors, type LinearStep } from '../core/linear/fit.js';
import { fitBlocks } from '../core/linear/fitBlocks.js';
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
  fromDisk: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'whether features are gone through block by block from disk instead of held in memory, to the same optimum; auto: where they have more than 67 million entries, about 3 GB',
    ),
});
export type LinearParams = z.infer<typeof LinearParams>;

const MOST_SOFTMAX_CLASSES = 5;
const MOST_ENTRIES_IN_MEMORY = 2 ** 26;

/** L2-regularised logistic regression on sparse features; the intercept is not penalised. */
export const linear: Model<LinearParams> = {
  name: 'linear',
  input: 'sparse',
  paramsSchema: LinearParams,
  losses: ['crossEntropy', 'rankNet', 'lambdaRank'],
  regularisation: { param: 'C', grid: [0.25, 1, 4, 16, 64] },
  isSolved: true,
  goesOn: () => true,
  takesBlocks: ({ fromDisk }, entries) =>
    fromDisk === 'always' || (fromDisk === 'auto' && entries > MOST_ENTRIES_IN_MEMORY),
  async fit(training, params, options) {
    const { sinks, evaluation } = options;
    const start = options.warmStart ?? options.goOnFrom;
    if (training.input.kind === 'blocks')
      return fitted(await fitFromDisk(training, training.input.matrix, params, options));
    const matrix = sparse(training.input);
    checkTraining(training, matrix.rows);
    const settings = {
      ...params,
      scheme: schemeOf(params, training.outputs),
      patience: evaluation ? params.earlyStopping?.patience : undefined,
    };
    const onStep = (step: LinearStep) => tell(step, training.input, params, sinks);
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

/** @throws ConfigError for a loss over pairs of rows, which lie far apart */
async function fitFromDisk(
  training: TrainingSet,
  matrix: BlockMatrix,
  params: LinearParams,
  { sinks, warmStart, goOnFrom, resumeFrom }: FitOptions,
): Promise<LinearParameters> {
  checkTraining(training, matrix.rows);
  if (training.loss && training.loss.kind !== 'crossEntropy')
    throw new ConfigError(
      `model linear: ${training.loss.kind} takes features in memory; set model.fromDisk: never`,
    );
  const start = warmStart ?? goOnFrom;
  return fitBlocks(
    { ...training, matrix },
    { ...params, scheme: schemeOf(params, training.outputs) },
    {
      start: start && fromTensors(start),
      resume: resumeFrom && stateFromTensors(resumeFrom.tensors),
      signal: sinks?.signal,
      breathe: sinks?.breathe,
      onStep: (step) => tell(step, { kind: 'blocks', matrix }, params, sinks),
    },
  );
}

const fitted = (model: LinearParameters): FittedModel => ({
  predictLogits: (input) => predicted(model, input),
  tensors: () => toTensors(model),
  attribute: (input, contrast) => linearAttribution(model, sparse(input), contrast),
});

async function tell(
  step: LinearStep,
  input: ModelInput,
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
  sinks?.dynamics?.(iteration, predicted(step.model(), input));
  if (sinks?.checkpoint?.due()) {
    await sinks.checkpoint.save({ position: iteration, tensors: stateTensors(step.state()) });
  }
}

function predicted(model: LinearParameters, input: ModelInput): Float64Array {
  if (input.kind !== 'blocks') return logitsOf(model, sparse(input));
  const logits = new Float64Array(input.matrix.rows * model.outputs);
  for (const { first, block } of blocksOf(input.matrix))
    logits.set(logitsOf(model, block), first * model.outputs);
  return logits;
}

function schemeOf({ multiClass }: LinearParams, outputs: number): Scheme {
  if (multiClass !== 'auto') return multiClass;
  return outputs <= MOST_SOFTMAX_CLASSES ? 'softmax' : 'oneVsRest';
}

function sparse(input: ModelInput): CsrMatrix {
  if (input.kind === 'sparse') return input.matrix;
  throw new ConfigError(`model linear: expected sparse features, got ${input.kind}; choose another model`);
}
