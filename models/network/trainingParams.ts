import { z } from 'zod';
import type { OptimizerSettings } from '../../contracts/engine.js';
import type { SearchSpace } from '../../contracts/tune.js';

/** Where kinds of networks differ in how they like to be trained. */
interface Defaults {
  readonly C: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly schedule: OptimizerSettings['schedule'];
  readonly warmup: number;
  readonly weightDecay: number;
}

/** Parameters that every network has. */
export const trainingParams = (defaults: Defaults) => ({
  C: z
    .number()
    .positive()
    .default(defaults.C)
    .describe(
      'strength of L2 on the weights, as for linear: larger C, weaker; λ = 1/(C·Σw) of λ/2·‖θ‖² beside the mean loss',
    ),
  learningRate: z.number().positive().default(defaults.learningRate).describe('at its peak'),
  batchSize: z.int().positive().default(defaults.batchSize).describe('rows a step'),
  epochs: z.int().positive().default(defaults.epochs).describe('passes over the training rows, at most'),
  patience: z
    .int()
    .positive()
    .default(3)
    .describe('epochs without better accuracy before it stops, where the fit is given evaluation rows'),
  optimizer: z.enum(['adamw', 'sgd']).default('adamw').describe('sgd: with momentum 0.9'),
  schedule: z
    .enum(['constant', 'cosine', 'linear'])
    .default(defaults.schedule)
    .describe('how the learning rate goes after the warm-up; cosine and linear fall to 0'),
  warmup: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.warmup)
    .describe('share of all steps over which the learning rate rises from 0'),
  clipNorm: z.number().positive().nullable().default(1).describe('largest norm of the gradient; null: any'),
  weightDecay: z
    .number()
    .min(0)
    .default(defaults.weightDecay)
    .describe('decoupled, beside C: each step shrinks the weights by learning rate × this'),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('share of each target that is spread evenly over all classes'),
  classWeights: z
    .enum(['none', 'balanced'])
    .default('none')
    .describe('balanced: every class gets the same total weight'),
});

/** What {@link trainingParams} parses to. */
export type TrainingParams = z.infer<z.ZodObject<ReturnType<typeof trainingParams>>>;

/** What tuning searches of how a network is trained: around what it is given. */
export const trainingSearch = ({ learningRate, batchSize }: TrainingParams): SearchSpace => ({
  learningRate: { from: learningRate / 5, to: learningRate * 5, scale: 'log', integer: false },
  batchSize: [Math.max(1, Math.round(batchSize / 2)), batchSize, 2 * batchSize],
  optimizer: ['adamw', 'sgd'],
});

/** The optimizer that the parameters name; the rest is as TensorFlow and Keras have it. */
export const optimizerOf = (params: TrainingParams): OptimizerSettings => ({
  name: params.optimizer,
  learningRate: params.learningRate,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  weightDecay: params.weightDecay,
  momentum: 0.9,
  clipNorm: params.clipNorm,
  schedule: params.schedule,
  warmup: params.warmup,
});
