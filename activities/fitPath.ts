import type { Engine } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import type {
  Checkpoint,
  EvaluationSet,
  FittedModel,
  Milestone,
  Model,
  ModelInput,
  TrainingSet,
} from '../contracts/model.js';
import type { StageContext } from '../contracts/store.js';
import { shiftedFit } from '../models/shifted.js';
import { stageSinks } from './sinks.js';

/** One training job: the same rows over a grid of regularisation strengths. */
export interface FitPathJob {
  readonly model: Model;
  readonly params: Readonly<Record<string, unknown>>; // of the model, without the strength
  readonly strengths: readonly number[];
  /** Where weights differ by strength: of each. */
  readonly training: TrainingSet | ((strength: number) => TrainingSet);
  /** Rows to predict with every fitted model. */
  readonly heldOut: ModelInput;
  readonly seed: number;
  readonly engine?: Engine; // of models that compute with one
  readonly evaluation?: EvaluationSet;
  /** Tensors of a pretrained encoder. */
  readonly pretrained?: readonly Tensor[];
  /** What logits are raised by, one number a class, in predictions and in models that are kept. */
  readonly shift?: Float64Array;
  /** Epochs (from 1) after which a network is kept beside the finished one. */
  readonly milestones?: (epoch: number) => boolean;
  /** Wanted where the models themselves are kept. */
  readonly onFitted?: (fit: FinishedFit) => Promise<void>;
}

/** A fit of one strength that is over. */
export interface FinishedFit {
  readonly strength: number;
  /** With its shift, where it has one. */
  readonly model: FittedModel;
  readonly training: TrainingSet;
  readonly milestones: readonly Milestone[];
}

const DONE = 'done.';
const WARM = 'warm.';
const NOW = 'now.';
const MILESTONE = 'milestone.';

const prefixed = (prefix: string, tensors: readonly Tensor[]): Tensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
const unprefixed = (prefix: string, tensors: readonly Tensor[]): Tensor[] =>
  tensors
    .filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));

/**
 * Fits strengths in ascending order, each from the last one's solution (networks from the beginning), and checkpoints inside and between fits: a
 * killed job that is run again continues where it was, to the same bits.
 *
 * @returns logits of the held-out rows, one array a strength, in the order of `strengths`
 */
export async function fitPath(job: FitPathJob, context: StageContext): Promise<Float64Array[]> {
  const { model, strengths, training, heldOut, seed, engine, evaluation, pretrained } = job;
  const ascending = [...strengths].sort((a, b) => a - b);
  const saved = await context.checkpoints.load();
  const done = unprefixed(DONE, saved?.tensors ?? []);
  let warm = unprefixed(WARM, saved?.tensors ?? []);
  let resume = resumePoint(saved);
  let milestones = milestonesOf(saved?.tensors ?? []);
  for (const [index, strength] of ascending.entries()) {
    if (done.some(({ name }) => name === String(index))) continue;
    const kept = (): Tensor[] => [
      ...prefixed(DONE, done),
      ...prefixed(WARM, warm),
      ...milestones.flatMap(({ epoch, tensors }) => prefixed(`${MILESTONE}${epoch}.`, tensors)),
    ];
    const set = typeof training === 'function' ? training(strength) : training;
    const params: unknown = model.paramsSchema.parse({
      ...job.params,
      [model.regularisation.param]: strength,
    });
    const fitted = await model.fit(set, params, {
      seed,
      ...(warm.length > 0 ? { warmStart: warm } : {}),
      ...(resume ? { resumeFrom: resume } : {}),
      ...(engine ? { engine } : {}),
      ...(evaluation ? { evaluation } : {}),
      ...(pretrained ? { pretrained } : {}),
      sinks: {
        ...stageSinks(context, ({ position, tensors }) => ({
          position,
          tensors: [...kept(), ...prefixed(NOW, tensors)],
        })),
        ...(job.milestones
          ? { milestones: { due: job.milestones, reached: (one) => void milestones.push(one) } }
          : {}),
        progress: ({ done: step, total, figures }) =>
          context.progress({
            done: index + Math.min(0.99, step / total),
            total: ascending.length,
            unit: 'fits',
            ...(figures ? { figures } : {}),
          }),
      },
    });
    resume = undefined;
    warm = model.usesEngine ? [] : [...fitted.tensors()];
    const told = job.shift ? shiftedFit(fitted, job.shift) : fitted;
    const logits = told.predictLogits(heldOut);
    done.push({ name: String(index), shape: [logits.length], data: logits });
    await job.onFitted?.({ strength, model: told, training: set, milestones });
    milestones = [];
    context.progress({ done: index + 1, total: ascending.length, unit: 'fits' });
  }
  return strengths.map((strength) => {
    const index = ascending.indexOf(strength);
    return done.find(({ name }) => name === String(index))!.data as Float64Array;
  });
}

/** Milestones that a checkpoint holds, in the order of their epochs. */
function milestonesOf(tensors: readonly Tensor[]): Milestone[] {
  const own = unprefixed(MILESTONE, tensors);
  const epochs = [...new Set(own.map(({ name }) => Number(name.split('.', 1)[0])))].sort((a, b) => a - b);
  return epochs.map((epoch) => ({ epoch, tensors: unprefixed(`${epoch}.`, own) }));
}

function resumePoint(saved: Checkpoint | undefined): Checkpoint | undefined {
  const tensors = unprefixed(NOW, saved?.tensors ?? []);
  return saved && tensors.length > 0 ? { position: saved.position, tensors } : undefined;
}
