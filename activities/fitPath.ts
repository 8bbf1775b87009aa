import type { Engine } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import type {
  Checkpoint,
  EvaluationSet,
  FittedModel,
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
  /** Wanted where the models themselves are kept. */
  readonly onFitted?: (model: FittedModel, strength: number) => Promise<void>;
}

const DONE = 'done.';
const WARM = 'warm.';
const NOW = 'now.';

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
  for (const [index, strength] of ascending.entries()) {
    if (done.some(({ name }) => name === String(index))) continue;
    const kept = (): Tensor[] => [...prefixed(DONE, done), ...prefixed(WARM, warm)];
    const params: unknown = model.paramsSchema.parse({
      ...job.params,
      [model.regularisation.param]: strength,
    });
    const fitted = await model.fit(typeof training === 'function' ? training(strength) : training, params, {
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
    await job.onFitted?.(told, strength);
    context.progress({ done: index + 1, total: ascending.length, unit: 'fits' });
  }
  return strengths.map((strength) => {
    const index = ascending.indexOf(strength);
    return done.find(({ name }) => name === String(index))!.data as Float64Array;
  });
}

function resumePoint(saved: Checkpoint | undefined): Checkpoint | undefined {
  const tensors = unprefixed(NOW, saved?.tensors ?? []);
  return saved && tensors.length > 0 ? { position: saved.position, tensors } : undefined;
}
